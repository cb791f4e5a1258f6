import type { ErrorCode } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Outcome } from "../rollout/rollout.ts";
import type { VersionDiff } from "./versions.ts";

/** What `sync apply` would do, or would wait for, in one environment. */
export type PlannedStep =
  /** It is served there. */
  | "live"
  /** A rollout of it is under way. */
  | "running"
  /** A rollout would be started. */
  | "start"
  /** It has to be live in an earlier environment, or at a label, first, for so long. */
  | "wait"
  /** This very content was tried there, and rejected or taken back. */
  | "refused"
  /** A newer version is live there: the branch has gone back. Nothing is started. */
  | "older";

export interface PlannedEnvironment {
  readonly environment: string;
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
  readonly step: PlannedStep;
  /** What the scope serves now, as `support-reply@7`; null: nothing of its own. */
  readonly live: string | null;
  /** The newest rollout of it there; null where there was none, or it was not looked for. */
  readonly rolloutId: string | null;
  /** When that one was started, and how it ended; null while it runs. */
  readonly lastTriedAt: string | null;
  readonly lastOutcome: Outcome | null;
  /** For `refused`: how it ended there. */
  readonly outcome: Outcome | null;
  /** For `wait`: in which environment, or at which label, it has to be live, and since when it is (null: it is not). */
  readonly from: string | null;
  readonly liveForMs: number;
  readonly liveThereSince: string | null;
}

export interface PlannedPrompt {
  readonly prompt: string;
  readonly path: string;
  /** Of the content that the file makes. */
  readonly sha256: string;
  /** `new`: no version of the prompt; `changed`: none of this content; `same`: the newest; `older`: an earlier one. */
  readonly state: "new" | "changed" | "same" | "older";
  /** The newest version in the store, as `support-reply@9`; null where the prompt is new. */
  readonly newest: string | null;
  /** The version that has this content: its number, and for one that is yet to be made null. */
  readonly version: number | null;
  /** The semantic version it has, or would get. */
  readonly semver: string;
  /** Against what is live in the first environment that serves something, or else the newest version. */
  readonly diff: VersionDiff | null;
  /** The version is there, and the policy of its file is not the one that was pushed with the prompt. */
  readonly policyChanged: boolean;
  readonly findings: readonly Finding[];
  /** Tokens of its own text, before any variable. */
  readonly tokens: number;
  readonly environments: readonly PlannedEnvironment[];
  /** Of the environments in which a rollout would start, or waits; empty where nobody asked for it. */
  readonly estimates: readonly RolloutEstimate[];
}

/** What a rollout that a plan names would cost and take; null: not known. */
export interface RolloutEstimate extends Pick<PlannedEnvironment, "environment" | "model" | "tenant"> {
  /** Model calls of the gate, and what they cost in US dollars. */
  readonly gateCalls: number | null;
  readonly gateUsd: number | null;
  /** Outcomes recorded a day, in the last 7 days. */
  readonly callsPerDay: number | null;
  /** Of the canary, by which a version that is no worse is promoted four times out of five. */
  readonly days: number | null;
  /** In US dollars a month: what the text has grown by, at these calls; below 0 where it has shrunk. */
  readonly textPerMonthUsd: number | null;
}

/** The commit that was applied to a repository last, and how the one that is checked out stands to it. */
export interface AppliedCommit {
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  readonly order: CommitOrder;
}

/** How a commit stands to one that was applied before. */
export type CommitOrder =
  /** It is that one, or follows from it. */
  | "follows"
  /** That one follows from it: the branch has gone back, or has gone on since. */
  | "older"
  /** Neither: the branch was rewritten, or is another one. */
  | "apart"
  /** That one is not in this clone, which is shallow. */
  | "unknown";

/** A prompt that was pushed or applied from here once and has no file any more. */
export interface MissingPrompt {
  readonly prompt: string;
  /** The scopes that serve it. */
  readonly live: readonly string[];
  /** A new file of exactly this content: renamed, or copied. */
  readonly sameContentAs: string | null;
}

/** What `sync plan` prints. It has touched nothing. */
export interface SyncPlan {
  /** Of `sluice.yaml`, from the current folder. */
  readonly file: string;
  /** The commit that is checked out, and whether it is whole here; null without Git. */
  readonly commit: string | null;
  /** Files whose content no commit has: `sluice.yaml`, prompts, policies and their test cases. */
  readonly uncommitted: readonly string[];
  /** Null without Git, and before the first commit was applied. */
  readonly applied: AppliedCommit | null;
  /** What the store would hold moves to differently than since the commit that was applied last, a sentence each. */
  readonly rules: readonly string[];
  /** In the order of their names. What does not change is in it, too. */
  readonly prompts: readonly PlannedPrompt[];
  readonly missing: readonly MissingPrompt[];
  /** Files that cannot be taken; while there are any, nothing is applied. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/** One place where what is served is not what Git says. */
export interface Drift {
  /**
   * `git_ahead`: what the file says is not served; `refused`: it was tried and taken back; `store_ahead`: a newer
   * version is served or was made elsewhere; `unknown`: no file holds the prompt.
   */
  readonly kind: "git_ahead" | "refused" | "store_ahead" | "unknown";
  readonly prompt: string;
  readonly path: string | null;
  /** Null for a version that is in no file and served nowhere; so is the scope. */
  readonly environment: string | null;
  readonly label: string | null;
  readonly model: string | null;
  readonly tenant: string | null;
  /** What is served, as `support-reply@7`; null: nothing of the scope's own. */
  readonly live: string | null;
  readonly rolloutId: string | null;
  /** One sentence. */
  readonly message: string;
}

/** Drift as the schedule has seen it. */
export type SeenDrift = Omit<Drift, "path"> & {
  readonly repository: string;
  /** Since when it is seen, of this kind. */
  readonly since: string;
};

/** What `sync drift --published` prints. */
export interface SeenDrifts {
  /** When all published manifests were last compared with what is served; null: never, so no worker runs. */
  readonly lookedAt: string | null;
  readonly drift: readonly SeenDrift[];
}

/** What `sync drift` prints. */
export interface DriftReport {
  readonly file: string;
  readonly commit: string | null;
  /** Prompts that were compared. */
  readonly prompts: number;
  readonly drift: readonly Drift[];
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/** What became of one start that a plan named. */
export type AppliedStart = Pick<PlannedEnvironment, "environment" | "label" | "model" | "tenant"> & {
  /** `support-reply@8`. */
  readonly version: string;
} & (
    | {
        readonly rolloutId: string;
        /** It had been started before, for this commit or for this very content. */
        readonly joined: boolean;
      }
    | { readonly problem: { readonly code: ErrorCode; readonly message: string } }
  );

/** What `sync apply` prints. */
export interface SyncApplied {
  readonly file: string;
  readonly commit: string | null;
  /** Under which its manifest is published; null without a commit, or with files that none has. */
  readonly repository: string | null;
  readonly branch: string | null;
  /** Versions that the files have now; `created`: made just now. */
  readonly versions: readonly {
    readonly prompt: string;
    readonly version: number;
    readonly path: string;
    readonly created: boolean;
  }[];
  /** Prompts whose policy was pushed, and no new version. */
  readonly policies: readonly string[];
  readonly started: readonly AppliedStart[];
  /** What waits for an earlier environment: it goes on by itself where a manifest is published. */
  readonly waiting: readonly (Pick<
    PlannedEnvironment,
    "environment" | "from" | "liveForMs" | "liveThereSince"
  > & {
    readonly version: string;
  })[];
}

/** A version that was written back as a file. */
export interface PulledVersion {
  readonly prompt: string;
  readonly version: number;
  readonly sha256: string;
  readonly author: string;
  readonly message: string;
  readonly path: string;
  /** There was no file of the prompt. */
  readonly isNew: boolean;
}

/** What `sync pull` prints. */
export interface SyncPulled {
  readonly file: string;
  /** The branch that was made for it. */
  readonly branch: string | null;
  /** The commit that it is; null where it was not asked for, or there was nothing. */
  readonly commit: string | null;
  readonly pulled: readonly PulledVersion[];
  /** Files that were left as they are, and why. */
  readonly left: readonly { readonly path: string; readonly message: string }[];
}

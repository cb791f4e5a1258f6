import type { RolloutStatus } from "../rollout/rollout.ts";
import type { AuditLine } from "./audit.ts";
import type { ListedPointer } from "./pointers.ts";
import type { ListedPrompt } from "./prompts.ts";
import type { ListedRollout } from "./rollouts.ts";
import type { Use } from "./versions.ts";

/** Rollouts that run, in an overview: at most. */
export const MOST_RUNNING = 20;

/** What happens at this moment, and what is wanted of somebody. */
export interface Overview {
  /** Whether there is any prompt to speak of. */
  readonly isEmpty: boolean;
  /** The most urgent first. */
  readonly wanted: readonly Wanted[];
  /** Open rollouts, the newest first. */
  readonly running: readonly RunningRollout[];
  /** What is served, by prompt and label, the most used first. */
  readonly live: readonly LivePrompt[];
  /** How many more prompts and labels are live. */
  readonly moreLive: number;
  /** The newest endings. */
  readonly ended: readonly ListedRollout[];
  /** Dead letters that are open. */
  readonly deadLetters: number;
  /** Places where what is served is not what Git says. */
  readonly drift: number;
}

/** An open rollout, with when it was last looked at. */
export interface RunningRollout extends RolloutStatus {
  /** When the evidence was last looked at; null: never. */
  readonly lookedAt: string | null;
  /** How often it is looked at, in ms; null without a canary. */
  readonly intervalMs: number | null;
}

/**
 * `approval`: a version waits for a yes; `undecided`: an operator has to decide; `alert`: something should be looked
 * at; `unattended`: no worker looks at a canary, whose lease is over; `dead_letter`: something could not be done;
 * `worse`: a monitor has found that a live version has got worse; `drift`: what is served is not what Git says; `fleet_behind`: services serve something old; `tokens`: a version uses more tokens than the one before, and is not rated
 * better for it; `draft`: their own draft is of an older version than the newest.
 */
export const WANTED_KINDS = [
  "unattended",
  "alert",
  "undecided",
  "approval",
  "worse",
  "dead_letter",
  "drift",
  "fleet_behind",
  "tokens",
  "draft",
] as const;
export type WantedKind = (typeof WANTED_KINDS)[number];

/** Something that a person should see to. */
export interface Wanted {
  readonly kind: WantedKind;
  /** What it is, in plain words. */
  readonly text: string;
  readonly since: string;
  readonly prompt: string | null;
  readonly label: string | null;
  readonly model: string | null;
  readonly tenant: string | null;
  readonly rolloutId: string | null;
  readonly deadLetterId: string | null;
  readonly draftId: string | null;
  /** What a monitor has found. */
  readonly alertId: string | null;
}

/** What a label serves of a prompt: of all users, or where they have nothing of their own of the first scope. */
export interface LivePrompt {
  readonly prompt: string;
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
  /** `support-reply@7`. */
  readonly version: string;
  /** How many more models and tenants have something of their own. */
  readonly moreScopes: number;
  /** When it came to be served, and by whom; null where the audit log has nothing of it. */
  readonly since: string | null;
  readonly by: string | null;
  /** The last 24 hours. */
  readonly day: UsageSum;
  /** The last 7 days, the oldest first, with the days on which nothing was recorded. */
  readonly week: readonly (UsageSum & { readonly from: string })[];
}

/** What was recorded in some time. */
export interface UsageSum {
  readonly calls: number;
  /** Mean of the metric that is a rating by its name; null where none was recorded. */
  readonly rating: number | null;
  /** Errors a call, 0 to 1; null where errors are not recorded. */
  readonly errors: number | null;
}

/** Where a prompt's file is, whose repository publishes it. `git`: nothing else is saved or made live of it. */
export interface KeptInGit {
  readonly repository: string;
  readonly branch: string;
  readonly path: string;
  readonly owner: "git" | "both";
}

/** All that is to be said of one prompt. */
export interface PromptOverview extends ListedPrompt {
  /** Null: no repository says anything of it. */
  readonly keptInGit: KeptInGit | null;
  /** What its requests can meet, with how it got there. */
  readonly pointers: readonly PromptPointer[];
  readonly rollouts: readonly ListedRollout[];
  readonly running: readonly RunningRollout[];
  readonly uses: readonly Use[];
  readonly audit: readonly AuditLine[];
}

export interface PromptPointer extends ListedPointer {
  readonly since: string | null;
  readonly by: string | null;
  /** Services that have it in memory, and of those the ones that serve its newest revision. */
  readonly services: { readonly live: number; readonly confirmed: number };
  /** Only a releaser moves its label by hand. */
  readonly protected: boolean;
}

/** What somebody can want of a prompt: `ask` is a start that waits for a releaser's yes. */
export const PROMPT_ACTS = ["edit", "archive", "ask", "start"] as const;
export type PromptAct = (typeof PROMPT_ACTS)[number];
/** And of what one scope serves. */
export const POINTER_ACTS = ["rollBack", "move"] as const;
export type PointerAct = (typeof POINTER_ACTS)[number];

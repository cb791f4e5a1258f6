import type { Finding } from "../finding.ts";
import type { Artifact } from "../prompt/artifact.ts";
import type { PartChange } from "../prompt/version-diff.ts";
import type { VersionStatus } from "../prompt/version-status.ts";

/** A version with what became of it. */
export interface ListedVersion {
  readonly prompt: string;
  readonly version: number;
  /** `1.4.0`. */
  readonly semver: string;
  readonly versionId: string;
  readonly sha256: string;
  readonly status: VersionStatus;
  /** The scopes that serve it, as `production` or `staging model=gpt-5.4-mini`. */
  readonly live: readonly string[];
  readonly author: string;
  readonly message: string;
  readonly model: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly tokens: number;
  /** What it includes and of which there is a newer version; empty: nothing. */
  readonly staleIncludes: readonly StaleInclude[];
  /** What was pushed with it, for readers and their tools. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  /** The newest gate it went through; null: it was never tested. */
  readonly tested: {
    readonly verdict: "pass" | "fail" | "insufficient";
    readonly reason: string | null;
    readonly at: string;
    /** By a rollout's gate, or by hand (`sluice eval`), which vouches for nothing. */
    readonly by: "gate" | "eval";
  } | null;
  /** A scope serves it, or has served it. */
  readonly wasLive: boolean;
  /** How its newest rollout ended, or where it is; null: it has had none. */
  readonly rollout: {
    readonly rolloutId: string;
    readonly outcome: string | null;
    readonly phase: string;
  } | null;
}

/** A version that is included in another one, and the newest version of its prompt. */
export interface StaleInclude {
  readonly prompt: string;
  readonly version: number;
  readonly newest: number;
}

/** A version whole. */
export interface ShownVersion extends ListedVersion {
  readonly artifact: Artifact;
  /** US dollars for 1,000 calls, of its own text alone; null where the model's price is not known. */
  readonly perThousandCalls: number | null;
  /** What the built-in checks find in it, compared with the version before. */
  readonly findings: readonly Finding[];
}

/** A version that was pushed, or that had this content already. */
export interface PushedVersion {
  readonly prompt: string;
  readonly version: number;
  /** `1.4.0`: what changed since the version before. */
  readonly semver: string;
  readonly versionId: string;
  readonly sha256: string;
  /** False: there was a version of this content. */
  readonly created: boolean;
  readonly tokens: number;
  /** False: an estimate, for a model whose tokenizer is not public. */
  readonly tokensExact: boolean;
  /** What is kept with the version. Of one that existed it may differ from the file's. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The prompt was put away (`sluice archive`): no version of it is rolled out until it is taken out again. */
  readonly archived: boolean;
  /** What the built-in checks found, compared with the version before. */
  readonly findings: readonly Finding[];
}

/** The same of a prompt file. */
export interface PushResult extends PushedVersion {
  readonly path: string;
}

/** What came of pushing prompt files. */
export interface PushedFiles {
  readonly results: readonly PushResult[];
  /** Prompts whose version there was, with other metadata than the file's: it keeps what it was pushed with. */
  readonly keptMetadata: readonly string[];
  /** Path of `sluice.lock` when it was written, and what kept it from being written. */
  readonly lock: { readonly path: string; readonly isNew: boolean } | { readonly problem: string } | null;
}

/** A page of a prompt's versions. */
export interface FoundVersions {
  readonly versions: readonly ListedVersion[];
  /** How many there are in all. */
  readonly all: number;
}

/** A version that has the text of another prompt's version in it. */
export interface Use {
  readonly prompt: string;
  readonly version: number;
  readonly versionId: string;
  /** The version that is in it: `house-style@3`. */
  readonly includes: string;
  /** The version that brought it along; null: it is included directly. */
  readonly via: string | null;
  /** The scopes that serve the version, as `production` or `staging model=gpt-5.4-mini`. */
  readonly live: readonly string[];
}

/** What differs between two versions. */
export interface VersionDiff {
  /** `support-reply@2` */
  readonly from: string;
  readonly to: string;
  readonly same: boolean;
  /** What their own texts cost, before any variable. */
  readonly tokens: { readonly before: number; readonly after: number };
  readonly changes: readonly PartChange[];
}

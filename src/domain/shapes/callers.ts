import type { SentType } from "../prompt/caller-report.ts";

/** What one service has sent for a prompt in the days that were looked at. */
export interface Caller {
  readonly service: string;
  readonly label: string;
  /** The tenants whose login or key said it; null: one of all tenants. */
  readonly tenant: string | null;
  /** Renderings, at least. */
  readonly calls: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly values: readonly CallerValue[];
}

export interface CallerValue {
  readonly kind: "variable" | "placeholder";
  readonly name: string;
  readonly types: readonly SentType[];
  /** The longest text, in characters, or list, in items, rounded up to a power of two; null for other values. */
  readonly longest: number | null;
  readonly calls: number;
  readonly lastSeen: string;
  /** Whether the service has sent it lately, and every process of it each time. */
  readonly always: boolean;
}

/** Who calls a prompt, and with what: what `sluice callers` prints. */
export interface Callers {
  readonly prompt: string;
  /** Days that were looked at. */
  readonly days: number;
  readonly callers: readonly Caller[];
}

/** What a version would do to one caller. */
export interface CallerBreak {
  readonly service: string;
  readonly label: string;
  readonly tenant: string | null;
  /** An error: its calls fail. A warning: they are answered otherwise, or it cannot be told. */
  readonly severity: "error" | "warning";
  /** `variables.tier`, `messages.history`. */
  readonly part: string;
  /** One sentence, with the service in it. */
  readonly message: string;
}

/** A version that includes the one that is looked at, and what comes to its callers. */
export interface Dependant {
  readonly prompt: string;
  readonly version: number;
  /** The version of the included prompt that it has now, and by way of which other one; null: by itself. */
  readonly includes: string;
  readonly via: string | null;
  /** 1: it includes it by itself. */
  readonly level: number;
  /** Where it is live. */
  readonly live: readonly string[];
  readonly tokens: number;
  /** With the version that is looked at in its place; null where that cannot be, and why. */
  readonly tokensAfter: number | null;
  readonly problem: string | null;
  readonly breaks: readonly CallerBreak[];
}

/** What `sluice impact` prints. */
export interface Impact {
  readonly prompt: string;
  /** Null: a file that is no version yet. */
  readonly version: number | null;
  readonly days: number;
  /** How many services are known to call it. None: nobody is known, which is not the same as nobody. */
  readonly callers: number;
  readonly breaks: readonly CallerBreak[];
  readonly dependants: readonly Dependant[];
}

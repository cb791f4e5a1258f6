import type { VersionStatus } from "../prompt/version-status.ts";

/** What one version did in the open, every recorded outcome counted, enrolled in a rollout or not. */
export interface VersionUsage {
  readonly version: number;
  readonly versionId: string;
  readonly status: VersionStatus;
  /** Recorded outcomes. */
  readonly executions: number;
  /** When the first hour with an outcome begins, and the last one. */
  readonly firstHour: string;
  readonly lastHour: string;
  /** In the order of their names; the 100 that most outcomes carried. */
  readonly metrics: readonly MetricUsage[];
  /** How many more metrics there are. */
  readonly moreMetrics: number;
}

export interface MetricUsage {
  readonly metric: string;
  /** Outcomes that carried a value. */
  readonly n: number;
  readonly mean: number;
  /** Of all values: what the tokens and the cost come to. */
  readonly sum: number;
  /** Between outcomes; null of a single one. */
  readonly sd: number | null;
  /** From a log histogram: at most 4.5 % off, whole numbers to 20 exact. 0 stands for 0 and everything below. */
  readonly p50: number | null;
  readonly p95: number | null;
  /** How many outcomes had each value, where there are few values; null where there are many. */
  readonly distribution: readonly { readonly value: number; readonly n: number }[] | null;
  /** Values that were no measurements (text, infinite, beyond 1e12), and so are not in the numbers. */
  readonly refused: number;
}

export const USAGE_BY = ["hour", "day"] as const;
export type UsageBy = (typeof USAGE_BY)[number];

/** What one version did in one hour or day. */
export interface UsagePoint {
  readonly version: number;
  /** When it begins; days are those of UTC. */
  readonly from: string;
  readonly executions: number;
  /** Of the 20 metrics that most outcomes carried. */
  readonly metrics: Readonly<Record<string, Pick<MetricUsage, "n" | "mean" | "p50" | "p95">>>;
}

/** When another version came to be served: released by a rollout, rolled back to, or moved by hand. */
export interface UsageRelease {
  readonly at: string;
  readonly version: number;
  readonly kind: "released" | "rolled_back" | "moved";
}

/** Whom a prompt was used for, and with which models, where services say so; the most used first. */
export interface UsedBy {
  readonly tenants: readonly string[];
  readonly models: readonly string[];
}

/** What versions of a prompt did, under one label. */
export interface Usage {
  readonly prompt: string;
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
  /** The first hour that is counted begins then or later. */
  readonly since: string;
  readonly versions: readonly VersionUsage[];
  /** The same by hour or day, the oldest first, where that was asked for. */
  readonly series?: readonly UsagePoint[];
  /** What came to be served in this time, the oldest first; with `series`. */
  readonly releases?: readonly UsageRelease[];
  /** What else can be asked for: tenants and models of this label, whichever was asked for; with `series`. */
  readonly usedBy?: UsedBy;
}

import { invalidInput } from "../errors.ts";
import type { SetMonitors } from "../monitors/monitors-file.ts";
import type { NotificationEvent } from "./notification-events.ts";
import type { Margin } from "./quantity.ts";

/**
 * A rollout policy in its stored form: durations in milliseconds, shares in buckets of 10,000, every
 * default filled in. `policy-file.ts` reads the form that people write.
 */
export interface RolloutPolicy {
  readonly gate?: GatePolicy;
  /** What is known of each metric that the canary names (always has an entry for those). */
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** None: the gate alone decides, and an approval where one is asked for. */
  readonly canary?: CanaryPolicy;
  readonly approval?: ApprovalPolicy;
  readonly watch?: WatchPolicy;
  /** By what a version is watched where it was promoted under this policy, and nobody has set anything else. */
  readonly monitors?: SetMonitors;
  readonly notify: readonly NotifyPolicy[];
}

/** Who is told what happens. */
export interface NotifyPolicy {
  /** An address without a secret, or where the worker finds it: `env:NAME`, `file:PATH`. */
  readonly webhook: string;
  /** Where the worker finds what it signs with. */
  readonly secret?: string;
  /** Of what it is told; of everything when absent. */
  readonly events?: readonly NotificationEvent[];
}

export interface GatePolicy {
  /** Path as written; resolved against the policy's file when it is read. */
  readonly dataset: string;
  /** Of the dataset's cases, once it has been read; the policy's own hash covers it. */
  readonly dataset_sha256?: string;
  readonly repeats: number;
  readonly min_pass_rate: number;
  readonly max_regression: number;
  readonly on_insufficient: "canary" | "reject";
  readonly max_token_growth?: number;
  readonly strict: boolean;
  readonly max_cost_usd?: number;
  /** `provider/model` that answers llm-rubric; the version's own model when absent. */
  readonly judge?: string;
  /** False: the answers of the version's fallbacks are not tested. */
  readonly fallbacks?: boolean;
  /** What `sluice eval --quick` asks instead: a cheaper `provider/model`, and so many of the cases. */
  readonly quick?: { readonly model?: string; readonly cases?: number };
}

export type MetricKind = "mean" | "proportion" | "rare" | "ratio";

export interface MetricSpec {
  readonly kind: MetricKind;
  /** How long after a unit's exposure its outcomes count, in ms; then the unit is folded. */
  readonly window_ms: number;
  /** Values above are counted as this much, in both arms alike. */
  readonly cap?: number;
  /** Longest silence of the metric, in ms, before the data counts as stale. */
  readonly freshness_ms?: number;
  /** `log`: positive values compared by their geometric means. */
  readonly scale?: "log";
  /** Must it arrive as often in one arm as in the other (as it must by default), is that shown only, or not even that? */
  readonly coverage?: Coverage;
  /** What people call it, and what it is counted in: for sentences, and no part of any decision. */
  readonly title?: string;
  readonly unit?: string;
  /** Rare metrics, frozen when a rollout starts: the share of units with an event before, where enough is known. */
  readonly base_rate?: { readonly rate: number; readonly units: number; readonly events: number };
}

export type Coverage = "must_match" | "reported" | "ignore";

export interface Stage {
  /** Buckets of 10,000 the candidate gets. */
  readonly share: number;
  /** Least time in the stage, in ms. The last stage has none. */
  readonly dwell_ms: number;
}

export type Direction = "higher" | "lower";

export interface Goal {
  readonly metric: string;
  readonly direction: Direction;
  readonly claim: "superior" | "non_inferior";
  /** Always present when the claim is non_inferior. */
  readonly margin?: Margin;
  /** Harm below this much is not acted on; the margin for latency and cost, 0 otherwise. */
  readonly rollback_tolerance?: Margin;
}

export interface Guardrail {
  readonly metric: string;
  readonly direction: Direction;
  readonly margin?: Margin;
  /** Rare metrics: the risk ratio, candidate over control, that is still tolerated. */
  readonly tolerated_ratio?: number;
  /** Rare metrics: how much more often, as a share of the units, is tolerated at least; what can be shown by default. */
  readonly tolerated_increase?: number;
  /** It blocks a promotion only where harm is proven, and need not be shown to be kept. */
  readonly proof?: "harm_only";
  /** Harm below this much is not acted on; the margin for latency and cost, 0 otherwise. */
  readonly rollback_tolerance?: Margin;
}

export interface Fuse {
  readonly metric: string;
  /** Absolute limit on the candidate's mean. */
  readonly above?: number;
  readonly below?: number;
  /** Of an older form of the rule: read, and without effect on a rollout that starts now. */
  readonly ticks?: number;
}

export interface CanaryPolicy {
  /** What people call the units, as in "customers": for sentences, and no part of any decision. */
  readonly users?: string;
  readonly stages: readonly Stage[];
  readonly interval_ms: number;
  readonly min_units: number;
  readonly max_units: number;
  readonly max_duration_ms: number;
  readonly goal: Goal;
  /** What the goal may lose in all since the anchor, over however many versions; its margin by default. */
  readonly total_margin?: Margin;
  readonly guardrails: readonly Guardrail[];
  /** Harm is also looked for in each value of these: `tenant`, `model`, or an attribute that services name. */
  readonly segments?: readonly string[];
  readonly fuses: readonly Fuse[];
  readonly promote_by: "group_sequential" | "fixed_horizon";
  readonly on_inconclusive: "rollback" | "hold" | "promote_if_noninferior";
  readonly hold_timeout_ms?: number;
  readonly lease_ms: number;
}

export interface ApprovalPolicy {
  readonly before: readonly ("canary" | "promote")[];
  readonly approvers: number;
  readonly timeout_ms: number;
  readonly distinct_author: boolean;
  /** Names that operators give themselves count, for where they share one login; otherwise logins do. */
  readonly asserted?: boolean;
  /** Nobody counts but who has proven who they are: by a key, or signed in. */
  readonly proven?: boolean;
  /** Whoever started the rollout is none of them: they may ask, and not release. No file says so; a server does. */
  readonly distinct_starter?: boolean;
}

export interface WatchPolicy {
  readonly for_ms: number;
  /** Buckets of 10,000 that stay on the previous version. */
  readonly holdback: number;
}

/** Units an arm with a value before a metric is tested at all: under them no test of a mean keeps its level. */
export const MIN_VALUES = 30;

interface Named {
  readonly goal: Pick<Goal, "metric">;
  readonly guardrails: readonly Pick<Guardrail, "metric">[];
}

/** The metrics a canary monitors: its goal first, then its guardrails, each once. */
export function monitoredMetrics(canary: Named): string[] {
  return [...new Set([canary.goal.metric, ...canary.guardrails.map((rail) => rail.metric)])];
}

/** Everything a unit is folded for: the monitored metrics and those only a fuse looks at. */
export function recordedMetrics(
  canary: Named & { readonly fuses: readonly Pick<Fuse, "metric">[] },
): string[] {
  return [...new Set([...monitoredMetrics(canary), ...canary.fuses.map((fuse) => fuse.metric)])];
}

/** The canary of a policy that has one. `invalid_input` for one that is a gate alone. */
export function canaryOf({ canary }: Pick<RolloutPolicy, "canary">): CanaryPolicy {
  if (canary) return canary;
  throw invalidInput(
    "this policy has no canary: its gate alone decides, so there is nothing to watch or to plan",
  );
}

import { ANY_TROUBLE, BUILT_IN, UNANSWERED } from "../rollout/measurements.ts";
import type { Coverage, MetricKind, MetricSpec } from "./policy.ts";
import type { PolicyFile } from "./policy-schema.ts";
import type { Margin } from "./quantity.ts";

/** Says what is wrong and where; never comes back. */
export type Fail = (path: (string | number)[], message: string) => never;

/** A logarithm is of a mean, and compares ratios. */
export function checkScale(
  { canary: { goal, guardrails } }: PolicyFile,
  name: string,
  { scale, kind = "mean" }: PolicyFile["metrics"][string],
  fail: Fail,
): void {
  if (scale !== "log") return;
  if (kind !== "mean") fail(["metrics", name, "scale"], `log is for means; ${name} is a ${kind}`);
  const margin = [goal, ...guardrails].find(({ metric }) => metric === name)?.margin;
  if (margin?.kind === "absolute")
    fail(["metrics", name, "scale"], "log compares ratios, so its margin must be relative, for example 10%");
}

const RARE_NAMES = /^(error|errors|timeout|timeouts|refusal|refusals)$/;
/** Positive, with a long tail, and better compared by ratios. */
const LOG_NAMES = /^(.*_)?(latency|duration|tokens)(_ms|_s|_seconds)?$/i;
const COST_NAMES = /^(.*_)?(cost|price|usd)(_usd|_cents)?$/i;
/** Given by few users, and by no fixed part of them. */
const RATING_NAMES = /^(.*_)?(ratings?|stars|thumbs(_up|_down)?|feedback|csat|nps)$/i;
/** Most vendor SDKs give up after 10 minutes, with retries before: an outcome may take that long. */
const DEFAULT_WINDOW_MS = 15 * 60_000;
const DEFAULT_RATIO = 1.5;
const DEFAULT_MARGIN: Margin = { kind: "relative", value: 0.1 };

/** A metric with a tolerated_ratio or tolerated_increase, or named error, timeout or refusal, is rare; others are means. */
export function kindOf(file: PolicyFile, name: string): MetricKind {
  const written = file.metrics[name]?.kind;
  if (written) return written;
  const limited = file.canary.guardrails.some(
    (r) => r.metric === name && (r.tolerated_ratio ?? r.tolerated_increase) !== undefined,
  );
  return limited || RARE_NAMES.test(name) || BUILT_IN.includes(name) ? "rare" : "mean";
}

/** `log`: compared by ratios where nothing is written, as what takes time and has a relative margin. */
export function usualScale(name: string, kind: MetricKind, margin: Margin | undefined): "log" | undefined {
  return kind === "mean" && margin?.kind === "relative" && LOG_NAMES.test(name) ? "log" : undefined;
}

export function usualCoverage(name: string): Coverage {
  return RATING_NAMES.test(name) ? "reported" : "must_match";
}

/** A guardrail as it is written. */
export type RailFile = PolicyFile["canary"]["guardrails"][number];

/** What a guardrail tolerates where nothing is written. */
export function completeGuardrail(file: PolicyFile, rail: RailFile, index: number, fail: Fail): RailFile {
  if (kindOf(file, rail.metric) === "rare")
    return (rail.tolerated_ratio ?? rail.tolerated_increase ?? rail.margin) === undefined
      ? { ...rail, tolerated_ratio: DEFAULT_RATIO }
      : rail;
  if (rail.margin) return rail;
  if (rail.direction === "lower" && (LOG_NAMES.test(rail.metric) || COST_NAMES.test(rail.metric)))
    return { ...rail, margin: DEFAULT_MARGIN };
  return fail(
    ["canary", "guardrails", index],
    `${rail.metric} needs a margin: how much worse is tolerated, for example 10% or 0.05`,
  );
}

/** `rollback_tolerance: margin` is stored as the margin that it stands for. */
export function withTolerance<T extends { margin?: Margin; rollback_tolerance?: Margin | "margin" }>(
  rail: T,
) {
  const { rollback_tolerance: written, ...rest } = rail;
  const tolerance = written === "margin" ? rail.margin : written;
  return { ...rest, ...(tolerance && { rollback_tolerance: tolerance }) };
}

/** What is known of each metric, defaults filled in, and of those that are built in. */
export function completeMetrics(
  file: PolicyFile,
  guardrails: readonly RailFile[],
): Record<string, MetricSpec> {
  const { goal, fuses } = file.canary;
  const names = [goal.metric, ...guardrails.map((r) => r.metric), ...fuses.map((f) => f.metric)];
  const own = names.filter((name) => !BUILT_IN.includes(name));
  const window = (name: string) => file.metrics[name]?.window ?? DEFAULT_WINDOW_MS;
  const longest = Math.max(...own.map(window));
  const builtIn = [UNANSWERED, ...(names.includes(ANY_TROUBLE) ? [ANY_TROUBLE] : [])];
  return Object.fromEntries([
    ...own.map((name): [string, MetricSpec] => {
      const written = file.metrics[name];
      const kind = kindOf(file, name);
      const rail = [goal, ...guardrails].find(({ metric }) => metric === name);
      const scale = written?.scale ?? usualScale(name, kind, rail?.margin);
      const coverage = written?.coverage ?? usualCoverage(name);
      return [
        name,
        {
          kind,
          window_ms: window(name),
          ...(written?.cap !== undefined && { cap: written.cap }),
          ...(written?.freshness !== undefined && { freshness_ms: written.freshness }),
          ...(scale === "log" && { scale }),
          ...(coverage !== "must_match" && { coverage }),
          ...(written?.title !== undefined && { title: written.title }),
          ...(written?.unit !== undefined && { unit: written.unit }),
        },
      ];
    }),
    // Silence is known once the slowest outcome had its time.
    ...builtIn.map((name): [string, MetricSpec] => [name, { kind: "rare", window_ms: longest }]),
  ]);
}

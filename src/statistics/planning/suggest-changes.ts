import type { CanaryPolicy } from "../../domain/policy/policy.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import { DAY_MS } from "./enrolment.ts";
import { fallsShort, plan, type PlanInput } from "./plan.ts";

/** A change of the rules with which they can conclude. */
export interface SuggestedChange {
  /** More users or more time; a larger loss that is allowed. */
  readonly kind: "room" | "margin";
  readonly canary: CanaryPolicy;
  /** What it changes, in the order in which it is to be said. */
  readonly maxUnits?: number;
  readonly maxDurationMs?: number;
  readonly margins?: readonly { readonly metric: string; readonly from: Margin; readonly to: Margin }[];
}

/** Every step is tried, in no time. */
const STEPS = [1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50];
/** Longer than this no canary is let run by a suggestion. */
const LONGEST_MS = 90 * DAY_MS;
/** A margin that grows beyond this would allow anything. */
const LARGEST_MARGIN = 5;

/** What a plan says of time is an estimate, and the runs of a whole plan take a little longer. */
const TIME_IN_HAND = 1.25;

/**
 * What would let a policy conclude that cannot: each suggestion has been planned as it stands, and does not fall short.
 * Empty where the policy can conclude, or nothing would help.
 */
export function suggestChanges(input: PlanInput): SuggestedChange[] {
  const quick = { ...input, runs: 0 };
  if (input.unitsPerDay === null || !fallsShort(plan(quick), input.canary)) return [];
  return [roomFor(quick), marginsFor(quick)].filter((change) => change !== undefined);
}

function concludes(input: PlanInput, canary: CanaryPolicy): boolean {
  const max_duration_ms = canary.max_duration_ms / TIME_IN_HAND;
  return !fallsShort(plan({ ...input, canary }), { ...canary, max_duration_ms });
}

/** As many users as are needed, and the time to see them. */
function roomFor(input: PlanInput): SuggestedChange | undefined {
  const { canary } = input;
  const known = plan(input).metrics.map(({ unitsNeeded }) => unitsNeeded ?? 0);
  const needed = Math.max(canary.max_units, ...known);
  for (const step of [1, ...STEPS]) {
    const maxUnits = needed * step > canary.max_units ? twoDigits(needed * step) : canary.max_units;
    for (const longer of [1, ...STEPS]) {
      const maxMs = longer === 1 ? canary.max_duration_ms : wholeTime(canary.max_duration_ms * longer);
      if (maxMs > Math.max(LONGEST_MS, canary.max_duration_ms)) break;
      const changed = { ...canary, max_units: maxUnits, max_duration_ms: maxMs };
      if (concludes(input, changed))
        return {
          kind: "room",
          canary: changed,
          ...(maxUnits !== canary.max_units && { maxUnits }),
          ...(maxMs !== canary.max_duration_ms && { maxDurationMs: maxMs }),
        };
    }
  }
  return undefined;
}

/** The margins of what needs too much, each as large as it has to be. */
function marginsFor(input: PlanInput): SuggestedChange | undefined {
  const { canary } = input;
  const reachable = plan(input);
  const most = Math.min(canary.max_units, reachable.unitsReachable ?? canary.max_units);
  const short = new Set(
    reachable.metrics
      .filter(({ unitsNeeded, claim }) => claim === "non_inferior" && (unitsNeeded ?? 0) > most)
      .map(({ metric }) => metric),
  );
  if (short.size === 0) return undefined;
  for (const step of STEPS.filter((one) => one <= LARGEST_MARGIN)) {
    const grown = <Rail extends { readonly metric: string; readonly margin?: Margin }>(rail: Rail): Rail =>
      rail.margin && short.has(rail.metric) ? { ...rail, margin: larger(rail.margin, step) } : rail;
    const changed = { ...canary, goal: grown(canary.goal), guardrails: canary.guardrails.map(grown) };
    if (!concludes(input, changed)) continue;
    const rails = [canary.goal, ...canary.guardrails];
    const margins = [changed.goal, ...changed.guardrails].flatMap(({ metric, margin }, at) => {
      const from = rails[at]?.margin;
      return margin && from && short.has(metric) ? [{ metric, from, to: margin }] : [];
    });
    return { kind: "margin", canary: changed, margins };
  }
  return undefined;
}

function larger({ kind, value }: Margin, step: number): Margin {
  return { kind, value: twoDigits(value * step) };
}

/** Rounded up to two digits that people say. */
function twoDigits(value: number): number {
  const scale = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / scale - 1e-9) * scale).toPrecision(2));
}

/** Whole days, hours, minutes or seconds, rounded up. */
function wholeTime(ms: number): number {
  const unit = [DAY_MS, 3_600_000, 60_000, 1_000].find((size) => ms >= 2 * size) ?? 1;
  return Math.ceil(ms / unit) * unit;
}

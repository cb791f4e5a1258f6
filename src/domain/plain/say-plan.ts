import { formatMargin, type Margin } from "../policy/quantity.ts";
import type { MetricKind } from "../policy/policy.ts";
import type { RolloutSetting } from "../rollout/reading.ts";
import { counted, grouped } from "../text/counted.ts";
import { people, size, span } from "./amounts.ts";
import { comparatives, measureOf, titleOf } from "./names.ts";
import type { Tone } from "./said.ts";

const DAY_MS = 86_400_000;

/** What of a plan is told. */
export interface PlanToSay {
  readonly metrics: readonly {
    readonly metric: string;
    readonly role: "goal" | "guardrail";
    readonly kind: MetricKind;
    readonly claim: string;
    readonly unitsNeeded: number | null;
    readonly smallestHarm: number | null;
  }[];
  readonly unitsPerArm: number | null;
  readonly days: number | null;
  readonly harmlessPromoted: number | null;
  readonly harmlessRolledBack: number | null;
}

export interface PlanSetting extends Pick<RolloutSetting, "users" | "names"> {
  readonly unitsPerDay: number | null;
  readonly maxUnits: number;
  readonly maxDurationMs: number;
  readonly cannotConclude: boolean;
  /** Metrics that nothing is known of. */
  readonly unknown: readonly string[];
  /** Which way is better for the goal. */
  readonly direction: "higher" | "lower";
}

export interface PlanSentence {
  readonly tone: Tone;
  readonly text: string;
}

/** What a rollout would need and find, before it starts, in sentences. */
export function sayPlan(plan: PlanToSay, setting: PlanSetting): PlanSentence[] {
  return [
    ...warningOf(plan, setting),
    ...needsOf(plan, setting),
    ...chancesOf(plan),
    ...harmOf(plan, setting),
  ];
}

function warningOf(plan: PlanToSay, setting: PlanSetting): PlanSentence[] {
  const { cannotConclude, maxUnits, maxDurationMs, users } = setting;
  if (!cannotConclude) return [];
  const most = Math.max(...plan.metrics.map(({ unitsNeeded }) => unitsNeeded ?? 0));
  const why =
    most > maxUnits
      ? `${people(most, users)} are needed in each group, ${grouped(maxUnits)} are allowed`
      : plan.days === null
        ? `the last step is not reached within the ${span(maxDurationMs)} that it has`
        : `about ${span(plan.days * DAY_MS)} are needed, it has ${span(maxDurationMs)}`;
  return [{ tone: "wait", text: `With these rules it will probably end undecided: ${why}.` }];
}

function needsOf({ unitsPerArm, days }: PlanToSay, setting: PlanSetting): PlanSentence[] {
  const { unitsPerDay, users, unknown, names } = setting;
  if (unknown.length > 0) {
    const titles = unknown.map((metric) => titleOf(metric, { names }));
    return [
      {
        tone: "calm",
        text: `Nothing is known yet of ${listed(titles)} under the current version, so what it needs cannot be said before the start.`,
      },
    ];
  }
  if (unitsPerArm === null) return [{ tone: "calm", text: "What it needs cannot be said before the start." }];
  const needs = `Needs about ${people(roughly(unitsPerArm), users)} in each group`;
  if (unitsPerDay === null)
    return [{ tone: "calm", text: `${needs}. How long that takes depends on how many come: say it below.` }];
  const time = days === null ? "" : `, about ${span(days * DAY_MS)}`;
  return [{ tone: "calm", text: `${needs}${time} at ${grouped(roughly(unitsPerDay))} a day.` }];
}

function chancesOf({ harmlessPromoted, harmlessRolledBack }: PlanToSay): PlanSentence[] {
  if (harmlessPromoted === null) return [];
  const alarms =
    harmlessRolledBack === null ? "" : `, and rolled back by mistake ${outOf100(harmlessRolledBack)}`;
  return [
    {
      tone: "calm",
      text: `A version that is just as good is released ${outOf100(harmlessPromoted)}${alarms}.`,
    },
  ];
}

function harmOf({ metrics }: PlanToSay, { names, direction }: PlanSetting): PlanSentence[] {
  const goal = metrics.find(({ role }) => role === "goal");
  if (!goal || goal.smallestHarm === null) return [];
  const measure = measureOf(goal.metric, goal.kind, { names });
  const { worse } = comparatives({ direction }, measure);
  return [
    {
      tone: "calm",
      text: `${titleOf(goal.metric, { names })} that is ${size(goal.smallestHarm, measure, "up")} ${worse} is seen and rolled back 80 times of 100.`,
    },
  ];
}

/** `90 times of 100`, never said to be surer than it is. */
export function outOf100(part: number): string {
  if (part > 0 && part < 0.01) return "less than once in 100 times";
  const times = part < 1 ? Math.min(99, Math.round(part * 100)) : 100;
  return times === 0 ? "never in 100 times" : `${counted(times, "time")} of 100`;
}

/** `0.1` as it is allowed of a metric: `0.1 stars`, `10 %`, `2 points`. */
export function sayMargin(
  margin: Margin,
  metric: { readonly metric: string; readonly kind: MetricKind },
  names: RolloutSetting["names"],
): string {
  if (margin.kind === "relative") return formatMargin(margin).replace("%", " %");
  return size(margin.value, measureOf(metric.metric, metric.kind, { names }), "up");
}

/** `1,900` of 1,873: a plan is no count. */
function roughly(count: number): number {
  return count < 100 ? Math.ceil(count) : Number(count.toPrecision(2));
}

function listed(some: readonly string[]): string {
  return some.length < 2 ? some.join("") : `${some.slice(0, -1).join(", ")} and ${some.at(-1)!}`;
}

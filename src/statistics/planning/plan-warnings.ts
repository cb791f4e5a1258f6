import { counted } from "../../domain/text/counted.ts";
import { PROMOTION_ALPHA } from "../decision/promotion.ts";
import { count, difference, duration, percent } from "../decision/wording.ts";
import { DAY_MS } from "./enrolment.ts";
import { isKnown, type MetricPlan, type Plan, type PlanInput } from "./plan-shape.ts";

/** What is said before a start: each thing once, however many metrics it is true of. */
export function warningsOf(
  { canary, history, unitsPerDay }: PlanInput,
  {
    metrics,
    unitsPerArm,
    days,
    harmlessPromoted,
  }: Pick<Plan, "metrics" | "unitsPerArm" | "days" | "harmlessPromoted">,
  concludes: boolean,
): readonly string[] {
  const warnings: string[] = [];
  const unknown = metrics.filter(({ metric }) => !isKnown(history[metric])).map(({ metric }) => metric);
  if (unknown.length === 1)
    warnings.push(`${unknown[0]!} has no history yet: what it needs cannot be said before the start`);
  else if (unknown.length > 1)
    warnings.push(
      `${unknown.slice(0, -1).join(", ")} and ${unknown.at(-1)!} have no history yet: what they need cannot be said before the start`,
    );
  for (const metric of metrics) {
    if (!isKnown(history[metric.metric])) continue;
    if (metric.unitsNeeded !== null && metric.unitsNeeded > canary.max_units)
      warnings.push(
        `${metric.metric} needs about ${counted(metric.unitsNeeded, "unit")} an arm, more than the ${count(canary.max_units)} allowed: ` +
          `raise max_units, or its margin to ${marginText(metric, metric.smallestMargin)}`,
      );
  }
  const rare = metrics.filter(({ role, claim }) => role === "guardrail" && claim === "limit");
  if (rare.length > 1)
    warnings.push(
      `${rare.length} guardrails of rare events (${rare.map(({ metric }) => metric).join(", ")}) must each be shown to be kept: one guardrail any_trouble (units with an error, a time-out, a refusal, a wrong form or no outcome) costs less than all of them`,
    );
  if (canary.fuses.some(({ ticks }) => ticks !== undefined))
    warnings.push(
      "fuses: ticks has no effect: a fuse blows as soon as it is sure, whatever the number of looks",
    );
  if (unitsPerDay === null) warnings.push("traffic is not known: say how many units a day to expect");
  else if (days === null && unitsPerArm !== null)
    warnings.push("without traffic the rollout cannot conclude at all");
  else if (!concludes)
    warnings.push(
      `at ${counted(unitsPerDay, "unit")} a day the last stage is not reached within max_duration (${duration(canary.max_duration_ms)})`,
    );
  else if (days !== null && days * DAY_MS > canary.max_duration_ms)
    warnings.push(
      `at ${counted(unitsPerDay, "unit")} a day it takes about ${duration(days * DAY_MS)} to conclude, longer than ` +
        `max_duration (${duration(canary.max_duration_ms)}): a harmless version is promoted ${harmlessPromoted === null ? "less often than planned" : `${percent(harmlessPromoted)} of the time`}`,
    );
  if (canary.goal.claim === "superior")
    warnings.push(
      `${canary.goal.metric} must prove superior: a version that is merely as good is promoted at most ${percent(PROMOTION_ALPHA)} of the time`,
    );
  return warnings;
}

function marginText({ kind }: MetricPlan, margin: number | null): string {
  return margin === null ? "a larger one" : difference(kind, margin).replace("+", "");
}

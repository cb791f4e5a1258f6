import type { Guardrail, MetricKind, RolloutPolicy } from "../policy/policy.ts";
import { counted, grouped } from "../text/counted.ts";
import { share, span, times, value } from "./amounts.ts";
import { measureOf, titleOf } from "./names.ts";
import { sayMargin } from "./say-plan.ts";

/** Of a share in buckets of 10,000. */
const WHOLE = 10_000;

/** The rules that a rollout goes by, a sentence each. */
export function sayRules({ gate, canary, approval, watch, metrics }: RolloutPolicy): string[] {
  const names = metrics;
  const of = (metric: string): { metric: string; kind: MetricKind } => ({
    metric,
    kind: metrics[metric]?.kind ?? "mean",
  });
  const title = (metric: string) => titleOf(metric, { names });
  const said: string[] = [];
  if (gate)
    said.push(
      `First the tests: ${share(gate.min_pass_rate)} of the cases have to pass, and no more than ${share(gate.max_regression)} may be lost against the current version.`,
    );
  for (const point of approval?.before ?? [])
    said.push(
      `${counted(approval!.approvers, "person", "people")} ${approval!.approvers === 1 ? "has" : "have"} to agree before ${point === "canary" ? "any user sees it" : "everybody gets it"}${approval!.distinct_author ? ", the author none of them" : ""}, within ${span(approval!.timeout_ms)}.`,
    );
  if (!canary) return [...said, "No users compare it: what comes before decides alone."];
  const users = canary.users ?? "users";
  const stages = canary.stages.map(({ share: part }) => share(part / WHOLE));
  said.push(
    `Then ${stages.join(", then ")} of ${users} get it, beside as many who keep the current version.`,
  );
  const { goal } = canary;
  said.push(
    goal.claim === "superior"
      ? `${title(goal.metric)} decides: it has to be better.`
      : `${title(goal.metric)} decides: it may be ${goal.margin ? sayMargin(goal.margin, of(goal.metric), names) : "nothing"} worse at most.`,
  );
  for (const rail of canary.guardrails) said.push(`${title(rail.metric)} must not get worse${within(rail)}.`);
  for (const { metric, above, below } of canary.fuses)
    said.push(
      `${title(metric)} ${above === undefined ? "under" : "over"} ${value(above ?? below ?? 0, measureOf(metric, of(metric).kind, { names }))} is an emergency stop.`,
    );
  said.push(
    `It takes ${grouped(canary.min_units)} to ${grouped(canary.max_units)} ${users} in each group, and ${span(canary.max_duration_ms)} at most; it is looked at every ${span(canary.interval_ms)}.`,
  );
  said.push(UNDECIDED[canary.on_inconclusive]);
  if (watch)
    said.push(
      `After the release ${share(watch.holdback / WHOLE)} keep the version before for ${span(watch.for_ms)}, and harm still rolls it back.`,
    );
  return said;

  function within({ metric, margin, tolerated_ratio, tolerated_increase }: Guardrail): string {
    if (margin) return `: ${sayMargin(margin, of(metric), names)} is allowed`;
    const parts = [
      ...(tolerated_increase === undefined ? [] : [`${share(tolerated_increase)} more often`]),
      ...(tolerated_ratio === undefined ? [] : [`${times(tolerated_ratio)} as often`]),
    ];
    return parts.length === 0 ? "" : `: ${parts.join(" or ")} is allowed`;
  }
}

const UNDECIDED = {
  rollback: "If nothing is decided by then, everybody keeps the current version.",
  hold: "If nothing is decided by then, it waits for somebody to decide.",
  promote_if_noninferior:
    "If it is not shown to be better by then, it is released all the same where it is good enough.",
} as const;

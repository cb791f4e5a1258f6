import { span } from "../../../domain/plain/amounts.ts";
import { titleOf } from "../../../domain/plain/names.ts";
import { outOf100, type PlanSentence, sayMargin, sayPlan } from "../../../domain/plain/say-plan.ts";
import type { RolloutPolicy } from "../../../domain/policy/policy.ts";
import type { SuggestedChange } from "../../../statistics/planning/suggest-changes.ts";
import { Icon } from "../../parts/icon.tsx";
import type { PlannedRules } from "../../planner/planner-messages.ts";
import type { PlanSeen } from "./use-planner.ts";

/** What a rollout by these rules would need and find. */
export function PlanPanel({
  seen: { planned, problem, isBusy },
  serves,
  onTake,
}: {
  readonly seen: PlanSeen;
  readonly serves: string | null;
  readonly onTake: (change: SuggestedChange) => void;
}) {
  return (
    <section class="card plan" aria-labelledby="plan-title" aria-busy={isBusy}>
      <h2 id="plan-title">The plan</h2>
      {problem !== undefined && (
        <p role="alert" class="failed-line">
          {problem}
        </p>
      )}
      {/* Announced when it has been computed whole, and not at every step on the way. */}
      <div role="status" class={isBusy || problem !== undefined ? "plan-text stale" : "plan-text"}>
        {planned && sentencesOf(planned, serves).map((one) => <Sentence key={one.text} {...one} />)}
        {!planned && problem === undefined && <p class="note">Planning…</p>}
      </div>
      {planned && planned.suggestions.length > 0 && (
        <div class="suggestions">
          <h3>With this it would be decided</h3>
          {planned.suggestions.map((change) => (
            <button key={change.kind} type="button" onClick={() => onTake(change)}>
              {suggestionText(change, planned.policy)}
            </button>
          ))}
        </div>
      )}
      {planned?.plan && <NeedsTable planned={planned} />}
    </section>
  );
}

function Sentence({ tone, text }: PlanSentence) {
  return (
    <p class={tone === "wait" ? "plan-warning" : ""}>
      {tone === "wait" && <Icon name="needs" />}
      {text}
    </p>
  );
}

function sentencesOf(planned: PlannedRules, serves: string | null): readonly PlanSentence[] {
  const { policy, plan, unitsPerDay, cannotConclude, unknown } = planned;
  const { canary } = policy;
  if (!canary)
    return [
      { tone: "calm", text: "The tests alone decide: no share of users tries it before everybody gets it." },
    ];
  if (serves === null || !plan)
    return [
      {
        tone: "calm",
        text: "There is nothing to compare with yet: the tests alone decide, then everybody gets it.",
      },
    ];
  return sayPlan(plan, {
    users: canary.users ?? "users",
    names: policy.metrics,
    unitsPerDay,
    maxUnits: canary.max_units,
    maxDurationMs: canary.max_duration_ms,
    cannotConclude,
    unknown,
    direction: canary.goal.direction,
  });
}

/** `Allow 0.12 stars instead of 0.05 stars`, `Allow 12,000 users in each group, and 21 days`. */
function suggestionText(
  { maxUnits, maxDurationMs, margins }: SuggestedChange,
  policy: RolloutPolicy,
): string {
  if (margins)
    return `Allow ${margins
      .map(({ metric, from, to }) => {
        const of = { metric, kind: policy.metrics[metric]?.kind ?? "mean" } as const;
        const name = margins.length > 1 ? ` of ${titleOf(metric, { names: policy.metrics })}` : "";
        return `${sayMargin(to, of, policy.metrics)} instead of ${sayMargin(from, of, policy.metrics)}${name}`;
      })
      .join(", ")}`;
  const users = policy.canary?.users ?? "users";
  const room = [
    ...(maxUnits === undefined ? [] : [`${maxUnits.toLocaleString("en")} ${users} in each group`]),
    ...(maxDurationMs === undefined ? [] : [span(maxDurationMs)]),
  ];
  return `Allow ${room.join(" and ")}`;
}

function NeedsTable({ planned: { plan, policy, isWhole } }: { readonly planned: PlannedRules }) {
  if (!plan) return null;
  const names = policy.metrics;
  return (
    <details>
      <summary>For each thing that is measured</summary>
      <ul class="facts needs-list">
        {plan.metrics.map(({ metric, role, unitsNeeded, chance, limit }) => (
          <li key={metric}>
            <strong>{titleOf(metric, { names })}</strong>
            {role === "goal" && <span class="note"> decides</span>}
            <span class="note block">
              {unitsNeeded === null
                ? "What it needs is not known."
                : `Needs ${unitsNeeded.toLocaleString("en")} in each group.`}
              {chance !== null && ` A version just as good passes it ${outOf100(chance)}.`}
              {limit !== null && ` ${limit}.`}
            </span>
          </li>
        ))}
      </ul>
      {!isWhole && <p class="note">Being computed more closely…</p>}
    </details>
  );
}

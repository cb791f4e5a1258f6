import { conflict } from "../domain/errors.ts";
import { recordedMetrics, type RolloutPolicy } from "../domain/policy/policy.ts";
import type { AnswerDelay, BaselineHistory } from "../domain/shapes/planning.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../domain/scope.ts";
import { fallsShort, plan, type Plan } from "../statistics/planning/plan.ts";
import type { Database } from "../storage/database.ts";
import { answerDelays } from "../storage/read/answer-delays.ts";
import { frozenBaseRates } from "../storage/read/base-rates.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById, requireVersion, versionName } from "../storage/read/version.ts";
import { readBaselineHistory } from "./read-baseline-history.ts";
import { sizeGate } from "./size-gate.ts";
import { choosePolicy } from "./choose-policy.ts";
import type { LoadedPolicy } from "./load-policy.ts";

/** A vendor's SDK gives up after 10 minutes, and tries again: what takes longer than this is not an answer any more. */
const SAFE_WINDOW_MS = 15 * 60_000;

export interface PlanRollout {
  readonly scope: ScopeColumns;
  readonly prompt: string;
  readonly number: number;
  /** Path of a policy; the one pushed with the prompt when absent. */
  readonly policyFile?: string | undefined;
  /** A policy that came with the request, instead of a path. */
  readonly policy?: LoadedPolicy | undefined;
  /** New units a day; what was recorded in the last week when absent. */
  readonly unitsPerDay?: number | undefined;
  /** Only what each metric needs alone, which takes no time. */
  readonly quick?: boolean;
}

export interface PlannedRollout {
  /** `support-reply@3`. */
  readonly candidate: string;
  /** Null: the scope serves nothing yet, so that the gate alone decides and there is nothing to plan. */
  readonly baseline: string | null;
  readonly history: BaselineHistory;
  readonly unitsPerDay: number | null;
  readonly plan: Plan | null;
  /** Of the metrics whose window is under the default: how many values this scope has seen come after it. */
  readonly cutOff: readonly AnswerDelay[];
  /** Windows under the default, in ms, by metric. */
  readonly shortWindows: Readonly<Record<string, number>>;
  /** True when, as far as is known, the policy cannot conclude within its max_duration and max_units. */
  readonly cannotConclude: boolean;
  /** What the cases of the gate can show at most; null without a gate or a baseline. */
  readonly gate: string | null;
  readonly policy: RolloutPolicy;
}

/** What a rollout would need and could find, from what its baseline has done in the last week. Changes nothing. */
export async function planRollout(db: Database, request: PlanRollout): Promise<PlannedRollout> {
  const version = await requireVersion(db, request);
  const { policy } = await choosePolicy(db, request.prompt, request);
  const serves = await servedVersion(db, request.scope);
  if (serves === version.id)
    throw conflict(
      `${describeScope(columnsScope(request.scope))} serves ${versionName(version)} already: there is nothing to roll out`,
      { version: versionName(version) },
    );
  const baseline = serves === null ? undefined : await findVersionById(db, serves);
  const history = await readBaselineHistory(db, request.scope, serves, policy);
  const unitsPerDay = request.unitsPerDay ?? history.outcomesPerDay;
  const found =
    baseline === undefined || !policy.canary
      ? null
      : plan({
          canary: policy.canary,
          metrics: (await frozenBaseRates(db, policy, request.scope)).policy.metrics,
          history: history.metrics,
          unitsPerDay,
          ...(policy.watch && { watch: policy.watch }),
          ...(request.quick && { runs: 0 }),
        });
  const shortWindows = Object.fromEntries(
    (policy.canary ? recordedMetrics(policy.canary) : [])
      .map((metric) => [metric, policy.metrics[metric]!.window_ms] as const)
      .filter(([, windowMs]) => windowMs < SAFE_WINDOW_MS),
  );
  return {
    candidate: versionName(version),
    baseline: baseline ? versionName(baseline) : null,
    history,
    unitsPerDay,
    plan: found,
    shortWindows,
    cutOff: found && !request.quick ? await answerDelays(db, request.scope, shortWindows) : [],
    cannotConclude: found !== null && unitsPerDay !== null && fallsShort(found, policy.canary!),
    gate: await sizeGate(db, {
      policy,
      policyFile: request.policyFile,
      dataset: request.policy?.dataset,
      candidate: version.artifact,
      baseline: baseline?.artifact,
    }),
    policy,
  };
}

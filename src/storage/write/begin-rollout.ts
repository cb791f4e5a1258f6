import { activeTraceparent } from "../../telemetry/spans.ts";
import { measurements } from "../../domain/rollout/measurements.ts";
import type { RolloutPolicy } from "../../domain/policy/policy.ts";
import { describeScope, columnsScope, type ScopeColumns } from "../../domain/scope.ts";
import { DECISION_CODE_VERSION } from "../../statistics/decision/assessment.ts";
import { archivedProblem } from "./archive-prompt.ts";
import { environmentProblem, versionOwnerProblem } from "../read/environment-problem.ts";
import { failedAttempts } from "../read/attempts.ts";
import { frozenBaseRates } from "../read/base-rates.ts";
import { frozenCaps } from "../read/frozen-caps.ts";
import { ledgerOf } from "../read/ledger.ts";
import { inheritedVersion } from "../read/inherited-version.ts";
import type { Database, Transaction } from "../database.ts";
import { movePointer, type MoveResult } from "./move-pointer.ts";
import { storableJson } from "../storable-json.ts";

export interface RolloutToBegin {
  readonly rolloutId: string;
  readonly workflowId: string;
  /** Where its workflow is going to run. */
  readonly temporal: { readonly namespace: string; readonly namespaceId: string };
  readonly requestId: string;
  readonly scope: ScopeColumns;
  readonly candidateVersion: string;
  readonly policySha256: string;
  readonly policy: RolloutPolicy;
  readonly datasetSha256: string | null;
  readonly startedBy: string | null;
  /** Callers that would fail, where it was started all the same. */
  readonly despite?: readonly string[] | undefined;
}

/**
 * Opens a rollout, before its workflow is started: its row, what it measures, and the pointer naming it. From
 * here on the pointer can tell whether a move is still this rollout's to make.
 */
export async function beginRollout(transaction: Transaction, begin: RolloutToBegin): Promise<MoveResult> {
  const { workflowId } = begin;
  return movePointer(transaction, {
    operationId: `${workflowId}/${begin.rolloutId}/begin`,
    action: "rollout_started",
    scope: begin.scope,
    auditPrompt: begin.scope.prompt,
    request: { rolloutId: begin.rolloutId, candidate: begin.candidateVersion, policy: begin.policySha256 },
    assertedActor: begin.startedBy,
    plan: async (row) => {
      const where = describeScope(columnsScope(begin.scope));
      const archived = await archivedProblem(transaction, begin.scope.prompt);
      if (archived) return { refusal: "conflict", message: archived };
      const running = await transaction
        .selectFrom("rollouts")
        .select("id")
        .where((eb) => eb.and({ ...begin.scope }))
        .where("outcome", "is", null)
        .executeTakeFirst();
      if (running)
        return { refusal: "conflict", message: `rollout ${running.id} of ${where} is already running` };
      const own = row?.active_version ?? null;
      const baseline = own ?? (await inheritedVersion(transaction, begin.scope));
      if (baseline === begin.candidateVersion)
        return { refusal: "conflict", message: `${where} already serves this version` };
      const notYet =
        (await versionOwnerProblem(transaction, begin.candidateVersion)) ??
        (await environmentProblem(transaction, begin.scope, begin.candidateVersion));
      if (notYet) return { refusal: "conflict", message: notYet };
      const caps = await frozenCaps(transaction, begin.policy, baseline);
      const { policy, notes } = await frozenBaseRates(transaction, caps.policy, begin.scope);
      const attempt = 1 + (await failedAttempts(transaction, begin.scope, begin.candidateVersion)).length;
      const ledger = baseline === null ? null : await ledgerOf(transaction, begin.scope, baseline);
      await transaction
        .insertInto("rollouts")
        .values({
          id: begin.rolloutId,
          workflow_id: workflowId,
          temporal_namespace: begin.temporal.namespace,
          temporal_namespace_id: begin.temporal.namespaceId,
          request_id: begin.requestId,
          ...begin.scope,
          candidate_version: begin.candidateVersion,
          baseline_version: baseline,
          inherits: own === null && baseline !== null,
          policy_sha256: begin.policySha256,
          policy: storableJson(policy),
          decision_version: DECISION_CODE_VERSION,
          attempt,
          ledger: ledger === null ? null : JSON.stringify(ledger),
          dataset_sha256: begin.datasetSha256,
          // The id is random and its own, so assignments of different rollouts are independent.
          salt: begin.rolloutId,
          phase: "validating",
          asserted_by: begin.startedBy,
          traceparent: activeTraceparent() ?? null,
        })
        .execute();
      await openMetrics(transaction, begin.rolloutId, policy);
      const segments = policy.canary?.segments ?? [];
      if (segments.length > 0)
        await transaction
          .insertInto("rollout_segments")
          .values(segments.map((segment) => ({ rollout_id: begin.rolloutId, segment })))
          .execute();
      return {
        change: { rollout_id: begin.rolloutId, epoch: 0 },
        fromVersion: baseline,
        toVersion: begin.candidateVersion,
        rolloutId: begin.rolloutId,
        reason: "rollout started",
        details: {
          caps: caps.notes,
          baseRates: notes,
          decisionVersion: DECISION_CODE_VERSION,
          attempt,
          ...(begin.despite && { despite: begin.despite }),
        },
      };
    },
  });
}

/** What the rollout's units are folded into, fixed for its whole length. */
export async function openMetrics(
  transaction: Database,
  rolloutId: string,
  policy: RolloutPolicy,
): Promise<void> {
  const rows = measurements(policy).map((row) => ({ rollout_id: rolloutId, ...row }));
  if (rows.length > 0) await transaction.insertInto("rollout_metrics").values(rows).execute();
}

import { counted } from "../../domain/text/counted.ts";
import type { RolloutStatus } from "../../domain/rollout/rollout.ts";
import { noRolloutYet } from "../../domain/rollout/rollout-refusals.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import { gateOfRollout } from "./rollout-gate.ts";
import { newestAssessment } from "./rollout-evidence.ts";
import { settingOfRollout } from "./rollout-setting.ts";
import { silenceAlerts } from "./silent-metrics.ts";
import { renderErrors } from "./render-errors.ts";
import { findPointer } from "./pointer.ts";
import { findLatestRollout, findRollout, type RolloutRow, rolloutScope } from "./rollout-row.ts";
import { findVersionById, requirePrompt, versionName } from "./version.ts";

/** The open rollout of a scope, else its last one. `not_found` when there has been none. Reads Postgres alone. */
export async function statusOfScope(db: Database, scope: ScopeColumns): Promise<RolloutStatus> {
  const row = await findLatestRollout(db, scope);
  if (row) return describeRollout(db, row);
  await requirePrompt(db, scope.prompt);
  throw noRolloutYet(scope);
}

export async function statusOfRollout(db: Database, rolloutId: string): Promise<RolloutStatus | undefined> {
  const row = await findRollout(db, rolloutId);
  return row && describeRollout(db, row);
}

async function describeRollout(db: Database, row: RolloutRow): Promise<RolloutStatus> {
  const candidate = await findVersionById(db, row.candidate_version);
  const baseline = row.baseline_version ? await findVersionById(db, row.baseline_version) : undefined;
  const newest = await newestAssessment(db, row.id);
  const counts = await db
    .selectFrom("exposure_counts")
    .select((select) => ["arm", select.fn.sum<string>("units").as("units")])
    .where("rollout_id", "=", row.id)
    .groupBy("arm")
    .execute();
  const intake = await db
    .selectFrom("rollout_intake")
    .select(["kind", "n"])
    .where("rollout_id", "=", row.id)
    .orderBy("kind")
    .execute();
  const units = (arm: string) => Number(counts.find((one) => one.arm === arm)?.units ?? 0);
  return {
    rolloutId: row.id,
    prompt: row.prompt,
    label: row.label,
    model: row.model || null,
    tenant: row.tenant || null,
    candidate: candidate ? versionName(candidate) : row.candidate_version,
    baseline: baseline ? versionName(baseline) : null,
    phase: row.phase,
    outcome: row.outcome,
    reason: row.reason ?? newest?.assessment.reason ?? null,
    stage: row.stage,
    stages: row.policy.canary?.stages.length ?? 0,
    // While it is watched the row has no share of its own any more: the holdback is the policy's.
    share: (row.phase === "watching" ? (row.policy.watch?.holdback ?? 0) : row.share) / 100,
    paused: row.paused,
    attempt: row.attempt,
    ledger: row.ledger,
    units: { candidate: units("candidate"), control: units("control") },
    evidence: newest?.assessment.evidence ?? [],
    verdict: newest?.assessment.verdict ?? null,
    tick: newest?.tick ?? null,
    revision: (await findPointer(db, rolloutScope(row)))?.revision ?? null,
    waitingFor: row.waiting_for,
    setting: await settingOfRollout(db, row),
    gate: (await gateOfRollout(db, row.id)) ?? null,
    alerts: [
      ...(await renderingAlerts(db, row)),
      ...(await silenceAlerts(db, row)),
      ...(newest?.assessment.alerts ?? []),
    ],
    intake: Object.fromEntries(intake.map(({ kind, n }) => [kind, n])),
    fleet: row.fleet,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    startedBy: row.asserted_by ?? row.started_by,
    workflowId: row.workflow_id,
    runId: row.run_id,
  };
}

async function renderingAlerts(db: Database, row: RolloutRow): Promise<string[]> {
  const times = await renderErrors(db, row.candidate_version, row.started_at);
  if (times === 0) return [];
  return [
    `rendering fails for the candidate (${counted(times, "time")}): services do not send what it needs`,
  ];
}

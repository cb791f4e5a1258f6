import { counted } from "../domain/text/counted.ts";
import { randomUUID } from "node:crypto";
import { conflict, invalidInput, SluiceError, unavailable } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy/policy.ts";
import { digestText } from "../digest.ts";
import { columnsScope, describeScope, rolloutWorkflowId, type ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { failedAttempts } from "../storage/read/attempts.ts";
import { installationOrigin } from "../storage/read/installation.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import {
  findOpenRollout,
  findRollout,
  rolloutScope,
  type RequestedRollout,
  type RolloutRow,
} from "../storage/read/rollout-row.ts";
import { findVersionById, versionName, type VersionRow } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { beginRollout } from "../storage/write/begin-rollout.ts";
import { findGivenRollout, joinRollout, lockRequest } from "../storage/write/join-rollout.ts";
import { endRollout } from "../storage/write/end-rollout.ts";
import { recordRun } from "../storage/write/record-workflow.ts";
import { clearAbandoned } from "./clear-abandoned.ts";
import { prepareStart, type StartRollout, storedPolicy } from "./prepare-start.ts";
import { refusalError } from "./roll-back.ts";
import type { RolloutTemporal, TemporalPlace } from "../protocol/rollout-temporal.ts";
import type { StartedRollout } from "../domain/shapes/rollouts.ts";

/**
 * Starts a rollout. What is wrong with its words is said first, whatever else is unreachable. Then its row, so that whatever is acknowledged is in the database, then its workflow.
 * Asked again, by the same request or while an identical rollout runs, it gives that one, and starts its workflow
 * where an earlier attempt did not come so far. `conflict` where another rollout of the scope is open.
 */
export async function startRollout(
  db: Database,
  temporal: RolloutTemporal,
  start: StartRollout,
): Promise<StartedRollout> {
  const prepared = await prepareStart(db, start);
  // A Temporal that cannot be used is found before anything is written.
  const place = await temporal.place();
  const { version, policy, gate } = prepared;
  const policySha256 = await storedPolicy(db, prepared);
  const rolloutId = randomUUID();
  const requested = {
    scope: start.scope,
    requestId: start.requestId ?? rolloutId,
    candidateVersion: version.id,
    policySha256,
  };
  const rollout =
    (await findGivenRollout(db, requested)) ??
    (await openRollout(db, temporal, { ...requested, rolloutId, version, policy, start, place }));
  const candidate = versionName(version);
  return {
    rolloutId: rollout.id,
    workflowId: rollout.workflow_id,
    runId: await startWorkflow(db, temporal, rollout, candidate),
    candidate,
    requestId: rollout.request_id,
    joined: rollout.id !== rolloutId,
    gate,
  };
}

interface RolloutToOpen extends RequestedRollout {
  readonly rolloutId: string;
  readonly version: VersionRow;
  readonly policy: RolloutPolicy;
  readonly start: StartRollout;
  readonly place: TemporalPlace;
}

/** Opens the rollout's row, or gives the identical one that is open. */
async function openRollout(
  db: Database,
  temporal: RolloutTemporal,
  open: RolloutToOpen,
): Promise<RolloutRow> {
  const { scope, version, policy, rolloutId } = open;
  // A request that nobody has named is asked once.
  const isNamed = open.start.requestId !== undefined;
  const joined = (running: RolloutRow) =>
    isNamed ? transact(db, (transaction) => joinRollout(transaction, open, running)) : running;
  for (let attempt = 1; ; attempt++) {
    const running = await findOpenRollout(db, scope);
    if (running && !(await clearAbandoned(db, running, temporal, "start"))) {
      if (isIdentical(running, open)) return joined(running);
      throw await otherRuns(db, running);
    }
    await refuseUseless(db, scope, version, policy);
    if (!open.start.again) await refuseRepetition(db, scope, version);
    const move = await transact(db, async (transaction) => {
      const before = isNamed && (await lockRequest(transaction, open));
      if (before) return before;
      return beginRollout(transaction, {
        rolloutId,
        workflowId: rolloutWorkflowId(scope, { taskQueue: temporal.taskQueue, digest: digestText }),
        temporal: open.place,
        requestId: open.requestId,
        scope,
        candidateVersion: version.id,
        policySha256: open.policySha256,
        policy,
        datasetSha256: policy.gate?.dataset_sha256 ?? null,
        startedBy: open.start.by,
        despite: open.start.despite,
      });
    });
    if ("id" in move) return move;
    if (move.moved) return (await findRollout(db, rolloutId))!;
    // Somebody else was faster: the next look finds theirs, to join it or to be refused because of it.
    const other = await findOpenRollout(db, scope);
    if (!other || attempt > 3) throw refusalError(move);
    if (isIdentical(other, open)) return joined(other);
    throw await otherRuns(db, other);
  }
}

function isIdentical(row: RolloutRow, requested: RequestedRollout): boolean {
  return row.candidate_version === requested.candidateVersion && row.policy_sha256 === requested.policySha256;
}

async function otherRuns(db: Database, running: RolloutRow): Promise<SluiceError> {
  const version = await findVersionById(db, running.candidate_version);
  const candidate = version ? versionName(version) : running.candidate_version;
  return conflict(
    `a rollout of ${candidate} is running (${running.id}): wait for its end, or end it first with --replace`,
    { rolloutId: running.id, candidate },
  );
}

/** The run of the rollout's workflow, started where it has none yet. Nothing is started for one that is over: null. */
async function startWorkflow(
  db: Database,
  temporal: RolloutTemporal,
  rollout: RolloutRow,
  candidate: string,
): Promise<string | null> {
  if (rollout.run_id !== null || rollout.outcome !== null) return rollout.run_id;
  const input = {
    rolloutId: rollout.id,
    requestId: rollout.request_id,
    scope: rolloutScope(rollout),
    candidateVersion: rollout.candidate_version,
    candidate,
    policySha256: rollout.policy_sha256,
    datasetSha256: rollout.dataset_sha256,
    startedBy: rollout.asserted_by,
  };
  try {
    const started = await temporal.start(input, rollout.workflow_id, {
      installation: await installationOrigin(db),
      rowOf: async (id) => {
        const other = await findRollout(db, id);
        return other === undefined ? "none" : other.outcome === null ? "open" : "closed";
      },
    });
    if (started === null) return null;
    await recordRun(db, { rolloutId: rollout.id, runId: started.runId });
    return started.runId;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    if (error.code === "unavailable")
      throw unavailable(
        `${error.message}. The rollout is kept (${rollout.id}): the same command again goes on with it, and one that nobody goes on with is ended`,
        { ...error.details, rolloutId: rollout.id },
        error,
      );
    await transact(db, (transaction) =>
      endRollout(transaction, {
        rolloutId: rollout.id,
        outcome: "failed",
        reason: error.message,
        endedBy: "start",
      }),
    );
    throw error;
  }
}

/** Who tries until it is promoted gets a version through by chance: trying the same again takes a decision. */
async function refuseRepetition(db: Database, scope: ScopeColumns, version: VersionRow): Promise<void> {
  const attempts = await failedAttempts(db, scope, version.id);
  const last = attempts[0];
  if (!last) return;
  const times = attempts.length === 1 ? "once" : counted(attempts.length, "time");
  throw conflict(
    `${versionName(version)} has failed here ${times} within 30 days, unchanged (last ${last.outcome.replaceAll("_", " ")}: ${last.reason ?? "no reason kept"}). Change it and push, or start it with --again, which is decided more strictly`,
    { version: versionName(version), attempts: attempts.length, lastRollout: last.rolloutId },
  );
}

async function refuseUseless(
  db: Database,
  scope: ScopeColumns,
  version: VersionRow,
  policy: RolloutPolicy,
): Promise<void> {
  const serves = await servedVersion(db, scope);
  const where = describeScope(columnsScope(scope));
  if (serves === version.id)
    throw conflict(`${where} serves ${versionName(version)} already: there is nothing to roll out`, {
      version: versionName(version),
    });
  // A rollout that compares with nothing has its gate alone as evidence.
  if (serves === null && !policy.gate)
    throw invalidInput(
      `${where} serves nothing yet, so only a gate can vouch for ${versionName(version)}: give the policy a gate, or make it live by hand (sluice pointers set … --force)`,
    );
}

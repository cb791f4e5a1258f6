import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { StartReceipt } from "../../workflows/messages.ts";
import { conflict, invalidInput } from "../domain/errors.ts";
import type { RolloutPolicy } from "../domain/policy.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { failedAttempts } from "../storage/read/attempts.ts";
import { findDocument, promptPolicySha256 } from "../storage/read/document.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findLatestRollout, rolloutScope, type RolloutRow } from "../storage/read/rollout-row.ts";
import { findVersionById, requireVersion, versionName, type VersionRow } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { archivedProblem } from "../storage/write/archive-prompt.ts";
import type { RolloutInput } from "../../activities/types.ts";
import { clearAbandoned, type IsRunning } from "./clear-abandoned.ts";
import { gateSize } from "./gate-size.ts";
import { loadPolicyFile, storePolicy } from "./load-policy.ts";

export interface StartRollout {
  readonly scope: ScopeColumns;
  readonly prompt: string;
  readonly number: number;
  /** Path of a policy; the one pushed with the prompt when absent. */
  readonly policyFile?: string | undefined;
  /** A policy that is stored already, instead of a path. */
  readonly policySha256?: string | undefined;
  readonly requestId?: string | undefined;
  readonly by: string | null;
  /** Also where the same content has failed in this scope within 30 days. */
  readonly again?: boolean | undefined;
}

/** What starting needs of Temporal. */
export interface RolloutStarter {
  start(input: RolloutInput): Promise<StartReceipt>;
  readonly isRunning: IsRunning;
}

export interface StartedRollout extends StartReceipt {
  /** True when an identical rollout was running, or this very request had been made before. */
  readonly joined: boolean;
  /** What the cases of its gate can show at most; null without a gate or a baseline. */
  readonly gate: string | null;
}

/**
 * Starts a rollout. Everything that can be known is checked before Temporal is asked, because a workflow
 * that was started cannot be taken back: the version, the policy, that nothing else runs, that the version
 * is not served already.
 */
export async function startRollout(
  db: Database,
  temporal: RolloutStarter,
  start: StartRollout,
): Promise<StartedRollout> {
  const version = await requireVersion(db, start);
  const archived = await transact(db, (transaction) => archivedProblem(transaction, version.prompt));
  if (archived) throw conflict(archived, { prompt: version.prompt });
  const { policy, policySha256 } = await policyOf(db, version, start);
  await clearTheWay(db, temporal.isRunning, start.scope, version, policy);
  const baseline = await servedVersion(db, start.scope);
  // A mistake in the dataset is said here, where there is somebody to mend it.
  const gate = await gateSize(db, {
    policy,
    candidate: version.artifact,
    baseline: baseline === null ? undefined : (await findVersionById(db, baseline))?.artifact,
  });
  if (!start.again) await refuseRepetition(db, start.scope, version);
  const rolloutId = randomUUID();
  const receipt = await temporal.start({
    rolloutId,
    requestId: start.requestId ?? rolloutId,
    scope: start.scope,
    candidateVersion: version.id,
    candidate: versionName(version),
    policySha256,
    datasetSha256: policy.gate?.dataset_sha256 ?? null,
    startedBy: start.by,
  });
  return { ...receipt, joined: receipt.rolloutId !== rolloutId, gate };
}

/** Who tries until it is promoted gets a version through by chance: trying the same again takes a decision. */
async function refuseRepetition(db: Database, scope: ScopeColumns, version: VersionRow): Promise<void> {
  const attempts = await failedAttempts(db, scope, version.id);
  const last = attempts[0];
  if (!last) return;
  const times = attempts.length === 1 ? "once" : `${attempts.length} times`;
  throw conflict(
    `${versionName(version)} has failed here ${times} within 30 days, unchanged (last ${last.outcome.replaceAll("_", " ")}: ${last.reason ?? "no reason kept"}). Change it and push, or start it with --again, which is decided more strictly`,
    { version: versionName(version), attempts: attempts.length, lastRollout: last.rolloutId },
  );
}

async function policyOf(
  db: Database,
  version: VersionRow,
  { policyFile, policySha256: named }: StartRollout,
): Promise<{ policy: RolloutPolicy; policySha256: string }> {
  if (policyFile !== undefined) {
    const loaded = await loadPolicyFile(policyFile);
    const policySha256 = await transact(db, (transaction) => storePolicy(transaction, loaded));
    return { policy: loaded.policy, policySha256 };
  }
  const policySha256 = named ?? (await promptPolicySha256(db, version.prompt));
  const stored = policySha256 === null ? undefined : await findDocument(db, policySha256);
  if (!stored)
    throw invalidInput(
      `${version.prompt} has no rollout policy: name one with --policy FILE, or give the prompt file a policy and push it`,
      { prompt: version.prompt },
    );
  return { policy: stored.body as RolloutPolicy, policySha256: policySha256! };
}

async function clearTheWay(
  db: Database,
  isRunning: IsRunning,
  scope: ScopeColumns,
  version: VersionRow,
  policy: RolloutPolicy,
): Promise<void> {
  const latest = await findLatestRollout(db, scope);
  if (latest?.outcome === null) await clearAbandoned(db, latest, isRunning, "start");
  else if (latest) await untilWorkflowEnded(isRunning, latest);
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

const ENDS_WITHIN_MS = 10_000;

/**
 * A rollout's row is closed a moment before its workflow: one that is started in between would be told of
 * a rollout that is over. Waits for the workflow, not for ever.
 */
async function untilWorkflowEnded(isRunning: IsRunning, ended: RolloutRow): Promise<void> {
  for (const deadline = performance.now() + ENDS_WITHIN_MS; performance.now() < deadline; await delay(100)) {
    const { running, runId } = await isRunning(rolloutScope(ended));
    if (!running || runId !== ended.run_id) return;
  }
}

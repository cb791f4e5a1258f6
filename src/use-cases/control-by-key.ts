import { digestText } from "../digest.ts";
import { conflict, SluiceError, unavailable } from "../domain/errors.ts";
import type { ControlAnswer, RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { changesSince, type SeenRollout } from "../storage/read/changes-since.ts";
import { findOpenRollout, type RolloutRow, rolloutScope } from "../storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { type Control, requestControl, wasControlRequested } from "../storage/write/request-control.ts";
import { abortRollout, requestAbort } from "./abort-rollout.ts";
import type { AbortedRollout } from "../domain/shapes/rollouts.ts";
import { controlRunning } from "./control-rollout.ts";

/** Something that the owner of a key wants of a rollout. */
export interface ControlByKey {
  readonly rollout: RolloutRow;
  readonly by: string;
  readonly reason: string | undefined;
  /** The same again is audited once. */
  readonly operationId: string;
  /** What they looked at: where that has changed it is `conflict`, with what has. */
  readonly seen?: SeenRollout | undefined;
}

/** Keeps who it is, by the proof that comes with the database, before the workflow gets the request in their name. */
export async function controlByKey<Name extends Exclude<Control, "abort">>(
  db: Database,
  port: RolloutsPort,
  control: Name,
  request: ControlByKey,
): Promise<ControlAnswer<Name>> {
  const { rollout, by, reason, operationId } = request;
  const askedAs = digestText(`${operationId}/${control}`);
  const answered = await answeredSinceAsked(db, port, control, { ...request, askedAs });
  if (answered) return answered;
  await assertOpen(db, rollout);
  await keepRequest(db, request, control);
  const asked = { by, ...(reason !== undefined && { reason }) };
  return withWayBack(() =>
    port.use((rollouts) =>
      controlRunning(db, rollout, rollouts, ({ id, workflow_id }) =>
        rollouts.control({ rolloutId: id, workflowId: workflow_id }, control, asked, askedAs),
      ),
    ),
  );
}

/** What the workflow of a rollout that has ended had answered to the same request: whoever asks again has lost it. */
async function answeredSinceAsked<Name extends Control>(
  db: Database,
  port: RolloutsPort,
  control: Name,
  { rollout, operationId, askedAs }: ControlByKey & { readonly askedAs: string },
): Promise<ControlAnswer<Name> | undefined> {
  const { outcome, workflow_id: workflowId, run_id: runId } = rollout;
  if (outcome === null || runId === null || !(await wasControlRequested(db, { operationId, control })))
    return undefined;
  return withWayBack(() =>
    port.use((rollouts) => rollouts.answered({ workflowId, runId }, control, askedAs)),
  );
}

/** Ends a rollout; with Temporal away the database does it. */
export async function abortByKey(
  db: Database,
  port: RolloutsPort,
  request: ControlByKey,
): Promise<AbortedRollout & { readonly rolloutId: string; readonly candidate: string }> {
  const { rollout } = request;
  const ended = (await endSinceAsked(db, request)) ?? (await abortNow(db, port, request));
  const version = await findVersionById(db, rollout.candidate_version);
  return {
    rolloutId: rollout.id,
    candidate: version ? versionName(version) : rollout.candidate_version,
    ...ended,
  };
}

/** How a rollout has ended, where the same request was made while it ran: who asks again has lost its answer. */
async function endSinceAsked(
  db: Database,
  { rollout, operationId }: ControlByKey,
): Promise<AbortedRollout | undefined> {
  const { outcome, reason } = rollout;
  if (outcome === null || !(await wasControlRequested(db, { operationId, control: "abort" })))
    return undefined;
  return { outcome, reason: reason ?? "" };
}

async function abortNow(db: Database, port: RolloutsPort, request: ControlByKey): Promise<AbortedRollout> {
  const { rollout, by, reason } = request;
  await assertOpen(db, rollout);
  await keepRequest(db, request, "abort");
  const abort = { by, ...(reason !== undefined && { reason }) };
  return abortRollout(db, rollout, abort, (row) =>
    port.use((rollouts) => requestAbort(rollouts)(row, abort)),
  );
}

async function keepRequest(db: Database, request: ControlByKey, control: Control): Promise<void> {
  const check = (transaction: Transaction) => assertUnchanged(transaction, request);
  await transact(db, (transaction) => requestControl(transaction, { ...request, control, check }));
}

/** `conflict` where what somebody looked at before they decided has changed since. */
export async function assertUnchanged(
  db: Database,
  { rollout, seen }: Pick<ControlByKey, "rollout" | "seen">,
): Promise<void> {
  const changes = seen && (await changesSince(db, rollout, seen));
  if (!changes) return;
  throw conflict("the rollout has changed since you looked at it: look again, and decide by that", {
    rolloutId: rollout.id,
    seen,
    ...changes,
  });
}

/** `conflict` for a rollout that has ended, or that another one has followed. */
export async function assertOpen(db: Database, rollout: RolloutRow): Promise<void> {
  const open = await findOpenRollout(db, rolloutScope(rollout));
  if (open?.id === rollout.id) return;
  const end = rollout.outcome === null ? "" : `: ${rollout.outcome} (${rollout.reason ?? "no reason kept"})`;
  throw conflict(`the rollout has ended${end}`, {
    rolloutId: rollout.id,
    outcome: rollout.outcome,
    running: open?.id ?? null,
  });
}

/** What cannot be done without Temporal says what can. */
export async function withWayBack<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === "unavailable")) throw error;
    throw unavailable(
      `${error.message}. To take traffic back without it: POST /v1/rollbacks`,
      { ...error.details, instead: "/v1/rollbacks" },
      error,
    );
  }
}

import type { RolloutRow } from "../read/rollout-row.ts";
import { rolloutScope } from "../read/rollout-row.ts";
import type { Database, Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";
import { applyOnce, findApplied } from "./apply-once.ts";

/** What somebody can ask of a running rollout whose workflow carries it out under a worker's login. */
export type Control = "pause" | "resume" | "promote" | "abort";

export interface ControlToRequest {
  readonly rollout: RolloutRow;
  readonly control: Control;
  readonly by: string;
  readonly reason: string | undefined;
  readonly operationId: string;
  /** Throws where it is not to be asked any more; not called when it has been asked before. */
  readonly check?: ((transaction: Transaction) => Promise<void>) | undefined;
}

/**
 * Keeps who has asked for it, in the transaction of whoever asks: a worker carries it out, under its own login, and can
 * only repeat the name that it was given.
 */
export async function requestControl(transaction: Transaction, request: ControlToRequest): Promise<void> {
  const { rollout, control, by, reason } = request;
  const operationId = operationOf(request);
  const named = { id: operationId, request: { rolloutId: rollout.id, control } };
  await applyOnce(transaction, named, async () => {
    await request.check?.(transaction);
    await appendAudit(transaction, {
      prompt: rollout.prompt,
      action: `${control}_requested`,
      scope: rolloutScope(rollout),
      rolloutId: rollout.id,
      operationId,
      fromVersion: rollout.baseline_version,
      toVersion: rollout.candidate_version,
      reason: reason ?? null,
      assertedActor: by,
    });
    return null;
  });
}

/** Whether it has been asked for under this operation id. */
export async function wasControlRequested(
  db: Database,
  request: Pick<ControlToRequest, "operationId" | "control">,
): Promise<boolean> {
  return (await findApplied(db, operationOf(request))) !== undefined;
}

function operationOf({ operationId, control }: Pick<ControlToRequest, "operationId" | "control">): string {
  return `${operationId}/${control}`;
}

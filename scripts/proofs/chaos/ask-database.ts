import { controlRollout, rolloutTemporal } from "../../../src/temporal/rollout-client.ts";
import type { ControlName } from "../../../src/protocol/names.ts";
import type { RequestAbort } from "../../../src/use-cases/abort-rollout.ts";
import { requireOpenRollout } from "../../../src/use-cases/control-rollout.ts";
import { decideApproval } from "../../../src/use-cases/decide-approval.ts";
import { replaceRollout } from "../../../src/use-cases/replace-rollout.ts";
import { rollBack } from "../../../src/use-cases/roll-back.ts";
import { setPointerByHand } from "../../../src/use-cases/set-pointer.ts";
import { startRollout } from "../../../src/use-cases/start-rollout.ts";
import type { Answered, Desk, Request } from "./asking.ts";

/** Asks over Postgres and Temporal themselves, as a command does that is given both. */
export async function askDatabase(
  { db, client, prompt }: Desk,
  { tag, kind, target: scope, number, policy, expected }: Request,
): Promise<Answered> {
  const control = async (name: ControlName) => {
    const { id, workflow_id } = await requireOpenRollout(db, scope);
    const rollout = { rolloutId: id, workflowId: workflow_id };
    const { rolloutId } = await controlRollout(client, rollout, name, { by: tag, reason: tag });
    return { rolloutId };
  };
  const version = { prompt, number };
  const start = { scope, ...version, policySha256: policy.sha256, requestId: tag, by: tag };
  const requestAbort: RequestAbort = ({ id, workflow_id }, request) =>
    controlRollout(client, { rolloutId: id, workflowId: workflow_id }, "abort", request);
  const temporal = { ...rolloutTemporal(client), requestAbort };
  const said = { reason: tag, by: tag, operationId: tag };
  switch (kind) {
    case "start":
      return startRollout(db, temporal, start);
    case "replace":
      return replaceRollout(db, temporal, start, AbortSignal.timeout(20_000));
    case "approve": {
      const approval = { scope, version, decision: "approve", by: tag, comment: tag } as const;
      const decided = await decideApproval(db, approval);
      await control("approve").catch(() => undefined);
      return decided;
    }
    case "roll_back":
      return rollBack(db, { scope, ...said });
    case "set":
      return setPointerByHand(db, { scope, version, expectedRevision: expected, force: true, ...said });
    default:
      return control(kind);
  }
}

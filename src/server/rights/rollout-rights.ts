import { notOffered, ROLLOUT_ACTS, type RolloutAct } from "../../domain/rollout/offered-acts.ts";
import type { RolloutStatus } from "../../domain/rollout/rollout.ts";
import type { Rights, Right } from "../../domain/shapes/rights.ts";
import { findRollout } from "../../storage/read/rollout-row.ts";
import { findVersionById } from "../../storage/read/version.ts";
import { requireApprover } from "../../use-cases/require-approver.ts";
import type { AnyRoute } from "../route.ts";
import {
  abortRollout,
  approveRollout,
  pauseRollout,
  promoteRollout,
  rejectRollout,
  resumeRollout,
  startRollout,
} from "../routes/controls.ts";
import { rollBackScope } from "../routes/pointers.ts";
import { pushVersion } from "../routes/versions.ts";
import { type Asking, asRight, notNow, rightTo } from "./rights.ts";

/** The route that does each act. */
const DONE_BY: Readonly<Record<RolloutAct, AnyRoute>> = {
  approve: approveRollout,
  reject: rejectRollout,
  pause: pauseRollout,
  resume: resumeRollout,
  promote: promoteRollout,
  abort: abortRollout,
  rollBack: rollBackScope,
  improve: pushVersion,
  startAgain: startRollout,
};

/** What somebody may do to a rollout as it stands. */
export async function rolloutRights(status: RolloutStatus, asking: Asking): Promise<Rights<RolloutAct>> {
  const { prompt, label, tenant, waitingFor = null } = status;
  const scope = { prompt, label, tenant: tenant ?? "", use: "change" } as const;
  const right = async (act: RolloutAct): Promise<Right> => {
    const refusal = notOffered(act, { ...status, waitingFor });
    if (refusal !== undefined) return notNow(refusal);
    // A version is that of all labels and tenants of its prompt.
    const place = act === "improve" ? ({ prompt, use: "change" } as const) : scope;
    const found = await rightTo(DONE_BY[act], place, asking);
    return found.allowed && act === "approve" ? mayApprove(status.rolloutId, asking) : found;
  };
  const found = await Promise.all(ROLLOUT_ACTS.map(async (act) => [act, await right(act)] as const));
  return Object.fromEntries(found) as Rights<RolloutAct>;
}

async function mayApprove(rolloutId: string, { caller, parts: { db } }: Asking): Promise<Right> {
  const rollout = await findRollout(db, rolloutId);
  const version = rollout && (await findVersionById(db, rollout.candidate_version));
  if (!rollout || !version) return notNow("it is gone");
  const { owner: by, kind: proof } = caller.key;
  // Whoever has proven who they are is told apart by that name, and not by the server's login.
  return asRight(caller, () => requireApprover(db, rollout, version, { by, login: by, proof }));
}

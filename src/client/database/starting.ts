import { SluiceError } from "../../domain/errors.ts";
import { parseVersionReference } from "../../domain/names.ts";
import type { StartAnswer } from "../../domain/shapes/rollouts.ts";
import type { Database } from "../../storage/database.ts";
import { numberedVersion } from "../../storage/read/version.ts";
import { givenPolicy } from "../../use-cases/load-policy-document.ts";
import { planRollout } from "../../use-cases/plan-rollout.ts";
import type { StartRollout } from "../../use-cases/prepare-start.ts";
import { startInTurn } from "../../use-cases/start-in-turn.ts";
import { scopeUnder } from "../references.ts";
import type { StartRequest } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

export async function start(parts: DatabaseParts, request: StartRequest): Promise<StartAnswer> {
  const reference = parseVersionReference(request.version);
  const scope = scopeUnder(reference.prompt, request);
  const { policyFile, policy, dataset, requestId, again, replace = false } = request;
  const { signal = new AbortController().signal, onNote } = request;
  return parts.write(async (db) => {
    const asked: StartRollout = {
      scope,
      ...(await numberedVersion(db, reference)),
      policyFile,
      policy: givenPolicy({ policy, dataset }),
      requestId,
      again,
      by: parts.actor,
    };
    const onReady = onNote && (() => noteOfPlan(db, asked, onNote));
    const started = await startInTurn(db, parts.rollouts, asked, { replace, signal, onReady });
    return { ...started, needsApproval: false };
  });
}

/** Says before the start when the policy cannot conclude; what else is wrong, the start says itself. */
async function noteOfPlan(db: Database, start: StartRollout, note: (line: string) => void): Promise<void> {
  const planned = await planRollout(db, { ...start, quick: true }).catch((error: unknown) => {
    if (error instanceof SluiceError) return undefined;
    throw error;
  });
  if (planned?.gate) note(`gate: ${planned.gate}`);
  if (planned?.cannotConclude)
    for (const warning of planned.plan?.warnings ?? []) note(`warning: ${warning}`);
}

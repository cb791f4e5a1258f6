import { parseVersionReference } from "../../domain/names.ts";
import type { StartAnswer } from "../../domain/shapes/rollouts.ts";
import { numberedVersion } from "../../storage/read/version.ts";
import { givenPolicyOf } from "../../use-cases/load-policy-document.ts";
import type { StartRollout } from "../../use-cases/prepare-start.ts";
import { startInTurn } from "../../use-cases/start-in-turn.ts";
import { scopeUnder } from "../references.ts";
import type { StartRequest } from "../requests.ts";
import { type StartNotes, startNotes } from "../start-notes.ts";
import type { DatabaseParts } from "./database-parts.ts";

export async function start(parts: DatabaseParts, request: StartRequest): Promise<StartAnswer> {
  const reference = parseVersionReference(request.version);
  const scope = scopeUnder(reference.prompt, request);
  const { policyFile, policy, dataset, requestId, again, force, replace = false } = request;
  const { signal = new AbortController().signal, onNote } = request;
  return parts.write(async (db) => {
    const asked: StartRollout = {
      scope,
      ...(await numberedVersion(db, reference)),
      policyFile,
      policy: await givenPolicyOf(db, reference.prompt, { policy, dataset }),
      requestId,
      again,
      force,
      by: parts.actor,
    };
    const onReady = onNote && ((known: StartNotes) => startNotes(known).forEach(onNote));
    const started = await startInTurn(db, parts.rollouts, asked, { replace, signal, onReady });
    return { ...started, needsApproval: false };
  });
}

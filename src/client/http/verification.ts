import { idPrefix, oneByPrefix, ROLLOUT } from "../../domain/text/id-prefix.ts";
import { assertPromptName, hasVersion } from "../../domain/names.ts";
import { noRolloutOfVersion, noRolloutYet } from "../../domain/rollout/rollout-refusals.ts";
import type { RolloutCurve } from "../../domain/shapes/curve.ts";
import type { RolloutHistory } from "../../domain/shapes/rollout-record.ts";
import type { ListedRollout } from "../../domain/shapes/rollouts.ts";
import type { AuditVerification, Recomputed } from "../../domain/shapes/verification.ts";
import { namedRollout } from "../references.ts";
import type { CurveOptions, RolloutOf } from "../requests.ts";
import { readPages } from "./pages.ts";
import { requireNumber } from "./prompts.ts";
import { newestOf } from "./rollouts.ts";
import { COMPUTED_MS, type ServerConnection } from "./server-connection.ts";

export async function rolloutRecord(server: ServerConnection, of: RolloutOf): Promise<RolloutHistory> {
  return server.get(`/v1/rollouts/${await namedRolloutId(server, of)}/record`);
}

export async function recompute(server: ServerConnection, of: RolloutOf): Promise<Recomputed> {
  return server.compute(`/v1/rollouts/${await namedRolloutId(server, of)}/recomputation`, {});
}

export async function curve(
  server: ServerConnection,
  of: RolloutOf,
  { points, after }: CurveOptions = {},
): Promise<RolloutCurve> {
  const query = { ...(points !== undefined && { points }), ...(after !== undefined && { after }) };
  return server.get(`/v1/rollouts/${await namedRolloutId(server, of)}/curve`, query, COMPUTED_MS);
}

export function verifyAudit(
  server: ServerConnection,
  { prompt: name }: { readonly prompt?: string | undefined } = {},
): Promise<AuditVerification> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  return server.get("/v1/audit/verification", { prompt }, COMPUTED_MS);
}

const WHOLE_ID_LENGTH = 36;

/** The id of a rollout, running or over: its own or the beginning of it, or a scope's last one, perhaps of a version. */
export async function namedRolloutId(server: ServerConnection, of: RolloutOf): Promise<string> {
  const named = namedRollout(of);
  if ("rolloutId" in named) {
    const prefix = idPrefix(named.rolloutId);
    if (prefix?.length === WHOLE_ID_LENGTH) return prefix;
    const every = prefix === undefined ? [] : await readPages<ListedRollout>(server, "/v1/rollouts", {});
    const found = every.filter(({ rolloutId }) => rolloutId.startsWith(prefix!));
    return oneByPrefix(found, named.rolloutId, ROLLOUT).rolloutId;
  }
  const { scope, reference } = named;
  if (!hasVersion(reference)) {
    const newest = await newestOf(server, scope);
    if (newest) return newest.rolloutId;
    throw noRolloutYet(scope);
  }
  const number = await requireNumber(server, reference);
  const candidate = `${scope.prompt}@${number}`;
  const there = await readPages<ListedRollout>(server, "/v1/rollouts", { ...scope });
  const last = there.find((rollout) => rollout.candidate === candidate);
  if (last) return last.rolloutId;
  throw noRolloutOfVersion(scope, { prompt: scope.prompt, number });
}

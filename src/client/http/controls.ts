import type { SluiceError } from "../../domain/errors.ts";
import { noneRunning, nothingToDecide } from "../../domain/rollout/rollout-refusals.ts";
import { parseVersionReference } from "../../domain/names.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { AbortAnswer, Decided, ListedRollout, StartAnswer } from "../../domain/shapes/rollouts.ts";
import type { ControlAnswer } from "../../protocol/rollout-controls.ts";
import { rolloutPlace, scopeUnder } from "../references.ts";
import { startNotes } from "../start-notes.ts";
import type { Comment, Reason, RolloutOf, StartRequest } from "../requests.ts";
import { writtenPolicy } from "../written-policy.ts";
import { requireNumber } from "./prompts.ts";
import { scopeQuery } from "./records.ts";
import { newestOf, refuseOtherVersion } from "./rollouts.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function start(server: ServerConnection, request: StartRequest): Promise<StartAnswer> {
  const reference = parseVersionReference(request.version);
  const scope = scopeUnder(reference.prompt, request);
  const { requestId, again, force, replace, signal, onNote } = request;
  const written = await writtenPolicy(request);
  const version = await requireNumber(server, reference);
  const body = { ...scopeQuery(scope), version, ...written, requestId, again, force, replace };
  const started = await server.change<StartAnswer>("POST", "/v1/rollouts", { body, signal });
  if (onNote) startNotes(started).forEach(onNote);
  return started;
}

export async function control<Name extends "pause" | "resume" | "promote">(
  server: ServerConnection,
  name: Name,
  of: RolloutOf,
  { reason }: Reason = {},
): Promise<ControlAnswer<Name>> {
  return sendControl(server, name, of, { reason });
}

export function abort(
  server: ServerConnection,
  of: RolloutOf,
  { reason }: Reason = {},
): Promise<AbortAnswer> {
  return sendControl(server, "abort", of, { reason });
}

export function decide(
  server: ServerConnection,
  decision: "approve" | "reject",
  of: RolloutOf,
  { comment }: Comment = {},
): Promise<Decided> {
  return sendControl(server, decision, of, { comment }, nothingToDecide);
}

async function sendControl<T>(
  server: ServerConnection,
  name: string,
  of: RolloutOf,
  body: object,
  refusal: Refusal = noneRunning,
): Promise<T> {
  const rolloutId = await openRollout(server, of, refusal);
  return server.change("POST", `/v1/rollouts/${rolloutId}/${name}`, { body });
}

/** How a rollout that does not run is refused, whatever became of the last one. */
type Refusal = (
  scope: ScopeColumns,
  last: (ListedRollout & { readonly id: string }) | undefined,
) => SluiceError;

/** The id of a rollout that runs; whether one that is named by its id does, the server knows. */
async function openRollout(server: ServerConnection, of: RolloutOf, refusal: Refusal): Promise<string> {
  const place = rolloutPlace(of);
  if ("rolloutId" in place) return place.rolloutId;
  const { scope, reference } = place;
  const newest = await newestOf(server, scope);
  if (!newest || newest.outcome !== null) throw refusal(scope, newest && { ...newest, id: newest.rolloutId });
  await refuseOtherVersion(server, reference, newest.candidate);
  return newest.rolloutId;
}

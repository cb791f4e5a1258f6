import { setTimeout as delay } from "node:timers/promises";
import { confirmationOf, type FleetConfirmation } from "../../domain/fleet.ts";
import { invalidInput } from "../../domain/errors.ts";
import { hasVersion, parseReference, parseVersionReference } from "../../domain/names.ts";
import type { DeadLetterRow, Redriven } from "../../domain/shapes/dead-letters.ts";
import type { FleetReport } from "../../domain/shapes/fleet.ts";
import type { ChangedLabel, MovedLabel } from "../../domain/shapes/labels.ts";
import type { RolledBack, SetPointer } from "../../domain/shapes/pointers.ts";
import { rollbackTarget, scopeOrDefault, scopeUnder } from "../references.ts";
import type {
  AwaitFleetRequest,
  LabelRequest,
  MoveLabelRequest,
  RollBackRequest,
  SetPointerRequest,
} from "../requests.ts";
import { addressOf, requireNumber } from "./prompts.ts";
import { deadLetter, scopeQuery } from "./records.ts";
import type { ServerConnection } from "./server-connection.ts";

const LOOK_MS = 100;

export async function rollBack(server: ServerConnection, request: RollBackRequest): Promise<RolledBack> {
  const scope = scopeOrDefault(request);
  if (scope.prompt === "") throw onlyOfPrompts("the default of a model is rolled back");
  if (request.endBlockers)
    throw invalidInput("a server ends nobody's connection to the database: leave --end-blockers out");
  const { reason, to } = request;
  rollbackTarget(scope.prompt, to);
  const body = { ...scopeQuery(scope), reason, to };
  const { fleet: _, ...done } = await server.change<RolledBack & { readonly fleet: unknown }>(
    "POST",
    "/v1/rollbacks",
    { body },
  );
  return done;
}

export async function awaitFleet(
  server: ServerConnection,
  request: AwaitFleetRequest,
): Promise<FleetConfirmation> {
  const scope = scopeOrDefault(request);
  const { revision, withinMs, since = performance.now(), signal } = request;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { instances } = await server.get<FleetReport>("/v1/fleet", scopeQuery(scope));
    const ms = Math.round(performance.now() - since);
    const confirmation = confirmationOf(instances, revision, ms);
    if (confirmation.missing.length === 0 || performance.now() >= deadline || signal?.aborted)
      return confirmation;
    await delay(LOOK_MS, undefined, signal && { signal }).catch(() => undefined);
  }
}

export async function setPointer(server: ServerConnection, request: SetPointerRequest): Promise<SetPointer> {
  const reference = parseVersionReference(request.version);
  const scope = scopeOrDefault({ ...request, prompt: reference.prompt });
  if (scope.prompt === "") throw onlyOfPrompts("the default of a model is set");
  const { prompt: _, ...place } = scopeQuery(scope);
  const { expectedRevision, reason, force, emergency } = request;
  const version = await requireNumber(server, reference);
  const body = { ...place, version, expectedRevision, reason, force, emergency };
  const { serves, versionId, sha256, revision } = await server.change<SetPointer>(
    "PUT",
    `${addressOf(reference.prompt)}/labels`,
    { body },
  );
  return { serves, versionId, sha256, revision };
}

function onlyOfPrompts(what: string) {
  return invalidInput(`${what} over the database alone: unset SLUICE_URL and set DATABASE_URL`);
}

export async function discardDeadLetter(
  server: ServerConnection,
  text: string,
  { reason }: { readonly reason: string },
): Promise<DeadLetterRow> {
  const { id } = await deadLetter(server, text);
  return server.change("POST", `/v1/dead-letters/${id}/discard`, { body: { reason } });
}

export async function redriveDeadLetter(server: ServerConnection, text: string): Promise<Redriven> {
  const { id } = await deadLetter(server, text);
  return server.change("POST", `/v1/dead-letters/${id}/redrive`, { body: undefined });
}

export async function setLabel(
  server: ServerConnection,
  label: string,
  request: LabelRequest,
): Promise<ChangedLabel> {
  return server.change("PUT", `/v1/labels/${encodeURIComponent(label)}`, { body: request });
}

export async function moveLabel(server: ServerConnection, request: MoveLabelRequest): Promise<MovedLabel> {
  const { dryRun = false } = request;
  const reference = (dryRun ? parseReference : parseVersionReference)(request.version);
  const { prompt } = reference;
  const { prompt: _, ...place } = scopeQuery(scopeUnder(prompt, request));
  const version = hasVersion(reference) ? await requireNumber(server, reference) : undefined;
  const body = { ...place, version, dryRun };
  return server.change("POST", `${addressOf(prompt)}/labels`, { body });
}

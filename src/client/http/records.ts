import { assertPromptName, hasVersion, parseReference, parseVersionOf } from "../../domain/names.ts";
import { DEAD_LETTER, idPrefix, oneByPrefix } from "../../domain/text/id-prefix.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { AuditLine } from "../../domain/shapes/audit.ts";
import type { DeadLetterRow } from "../../domain/shapes/dead-letters.ts";
import type { ListedFeedback } from "../../domain/shapes/feedback.ts";
import type { FleetReport } from "../../domain/shapes/fleet.ts";
import type { ListedLabel } from "../../domain/shapes/labels.ts";
import type { ListedPointer, PastPointer } from "../../domain/shapes/pointers.ts";
import type { Usage } from "../../domain/shapes/usage.ts";
import { noPointerOfItsOwn, scopeOf } from "../references.ts";
import {
  assertMoment,
  type AuditRequest,
  type FeedbackRequest,
  type ScopeRequest,
  USUAL_ENTRIES,
  USUAL_FEEDBACK,
  sinceOf,
  type UsageRequest,
} from "../requests.ts";
import { readPages } from "./pages.ts";
import { requireNumber, requirePrompt } from "./prompts.ts";
import type { ServerConnection } from "./server-connection.ts";

interface Items<T> {
  readonly items: readonly T[];
}

/** A scope's parts as a query has them: those that are absent are left out. */
export function scopeQuery({ prompt, label, model, tenant }: ScopeColumns) {
  return { prompt, label, model: model || undefined, tenant: tenant || undefined };
}

export async function pointers(server: ServerConnection, name?: string): Promise<readonly ListedPointer[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  if (prompt !== undefined) await requirePrompt(server, prompt);
  return (await server.get<Items<ListedPointer>>("/v1/pointers", { prompt })).items;
}

export async function pointersAt(
  server: ServerConnection,
  at: Date,
  name?: string,
): Promise<readonly PastPointer[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  const query = { prompt, at: assertMoment("at", at).toISOString() };
  if (prompt !== undefined) await requirePrompt(server, prompt);
  return (await server.get<Items<PastPointer>>("/v1/pointers/past", query)).items;
}

export async function audit(
  server: ServerConnection,
  { prompt: name, rolloutId, limit = USUAL_ENTRIES }: AuditRequest = {},
): Promise<AuditLine[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  const found = await readPages<AuditLine>(server, "/v1/audit", { prompt, rollout: rolloutId }, limit);
  if (found.length === 0 && prompt !== undefined) await requirePrompt(server, prompt);
  return found.toReversed();
}

export async function usage(server: ServerConnection, request: UsageRequest): Promise<Usage> {
  const scope = scopeOf(request);
  const since = sinceOf(request).toISOString();
  const named = request.versions?.map((version) => parseVersionOf(scope.prompt, version));
  const found = await server.get<Usage>("/v1/usage", { ...scopeQuery(scope), since });
  if (!named) return found;
  const known = await Promise.all(named.map((reference) => requireNumber(server, reference)));
  const versions = found.versions
    .filter(({ version }) => known.includes(version))
    .toSorted((one, other) => known.indexOf(one.version) - known.indexOf(other.version));
  return { ...found, versions };
}

export async function feedback(
  server: ServerConnection,
  request: FeedbackRequest,
): Promise<readonly ListedFeedback[]> {
  const reference = parseReference(request.prompt);
  const { prompt } = reference;
  const { only, limit = USUAL_FEEDBACK } = request;
  await requirePrompt(server, prompt);
  const version = hasVersion(reference) ? await requireNumber(server, reference) : undefined;
  const query = { prompt, version, only, since: sinceOf(request).toISOString() };
  return readPages<ListedFeedback>(server, "/v1/feedback", query, limit);
}

export async function fleet(server: ServerConnection, request: ScopeRequest): Promise<FleetReport> {
  const scope = scopeOf(request);
  const found = await server.find<FleetReport>("/v1/fleet", scopeQuery(scope));
  if (found) return found;
  await requirePrompt(server, scope.prompt);
  throw noPointerOfItsOwn(scope);
}

export async function deadLetters(
  server: ServerConnection,
  { all = false }: { readonly all?: boolean | undefined } = {},
): Promise<readonly DeadLetterRow[]> {
  const query = all ? { all } : {};
  return (await server.get<Items<DeadLetterRow>>("/v1/dead-letters", query)).items;
}

export async function deadLetter(server: ServerConnection, id: string): Promise<DeadLetterRow> {
  const prefix = idPrefix(id);
  const letters = prefix === undefined ? [] : await deadLetters(server, { all: true });
  return oneByPrefix(
    letters.filter((letter) => letter.id.startsWith(prefix!)),
    id,
    DEAD_LETTER,
  );
}

export async function labels(server: ServerConnection): Promise<readonly ListedLabel[]> {
  return (await server.get<Items<ListedLabel>>("/v1/labels")).items;
}

import { assertPromptName, hasVersion, parseReference, parseVersionOf } from "../../domain/names.ts";
import type { AuditLine } from "../../domain/shapes/audit.ts";
import type { DeadLetterRow } from "../../domain/shapes/dead-letters.ts";
import type { ListedFeedback } from "../../domain/shapes/feedback.ts";
import type { FleetReport } from "../../domain/shapes/fleet.ts";
import type { ListedLabel } from "../../domain/shapes/labels.ts";
import type { ListedPointer, PastPointer } from "../../domain/shapes/pointers.ts";
import type { Usage } from "../../domain/shapes/usage.ts";
import { readAudit } from "../../storage/read/audit.ts";
import { listDeadLetters, requireDeadLetter } from "../../storage/read/dead-letters.ts";
import { listFeedback } from "../../storage/read/feedback-list.ts";
import { listLabels } from "../../storage/read/label-list.ts";
import { listPointers } from "../../storage/read/pointer-list.ts";
import { pointersAt as readPointersAt } from "../../storage/read/pointers-at.ts";
import { readUsage } from "../../storage/read/usage.ts";
import { requirePrompt, requireVersion } from "../../storage/read/version.ts";
import { reportFleet } from "../../use-cases/report-fleet.ts";
import { noPointerOfItsOwn, scopeOf } from "../references.ts";
import {
  assertMoment,
  type AuditRequest,
  type FeedbackRequest,
  type ScopeRequest,
  sinceOf,
  USUAL_FEEDBACK,
  type UsageRequest,
} from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function pointers(parts: DatabaseParts, name?: string): Promise<ListedPointer[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  return parts.read(async (db) => {
    if (prompt !== undefined) await requirePrompt(db, prompt);
    return listPointers(db, prompt);
  });
}

export function pointersAt(parts: DatabaseParts, at: Date, name?: string): Promise<PastPointer[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  assertMoment("at", at);
  return parts.read(async (db) => {
    if (prompt !== undefined) await requirePrompt(db, prompt);
    return readPointersAt(db, at, prompt);
  });
}

export function audit(parts: DatabaseParts, request: AuditRequest = {}): Promise<AuditLine[]> {
  const prompt = request.prompt === undefined ? undefined : assertPromptName(request.prompt);
  return parts.read(async (db) => {
    const found = await readAudit(db, { ...request, prompt });
    if (found.length === 0 && prompt !== undefined) await requirePrompt(db, prompt);
    return found;
  });
}

export function usage(parts: DatabaseParts, request: UsageRequest): Promise<Usage> {
  const scope = scopeOf(request);
  const { prompt, label, model, tenant } = scope;
  const since = sinceOf(request);
  const named = request.versions?.map((version) => parseVersionOf(prompt, version));
  return parts.read(async (db) => {
    await requirePrompt(db, prompt);
    const rows = named && (await Promise.all(named.map((reference) => requireVersion(db, reference))));
    const versionIds = rows?.map(({ id }) => id);
    const found = await readUsage(db, { scope, since, versionIds });
    const versions = versionIds
      ? found.toSorted((a, b) => versionIds.indexOf(a.versionId) - versionIds.indexOf(b.versionId))
      : found;
    return {
      prompt,
      label,
      model: model || null,
      tenant: tenant || null,
      since: since.toISOString(),
      versions,
    };
  });
}

export function feedback(parts: DatabaseParts, request: FeedbackRequest): Promise<ListedFeedback[]> {
  const reference = parseReference(request.prompt);
  const { prompt } = reference;
  const { only, limit = USUAL_FEEDBACK } = request;
  const since = sinceOf(request);
  return parts.read(async (db) => {
    await requirePrompt(db, prompt);
    const versionId = hasVersion(reference) ? (await requireVersion(db, reference)).id : undefined;
    return listFeedback(db, { prompt, versionId, since, with: only, limit });
  });
}

export function fleet(parts: DatabaseParts, request: ScopeRequest): Promise<FleetReport> {
  const scope = scopeOf(request);
  return parts.read(async (db) => {
    const found = await reportFleet(db, scope);
    if (found) return found;
    await requirePrompt(db, scope.prompt);
    throw noPointerOfItsOwn(scope);
  });
}

export function deadLetters(
  parts: DatabaseParts,
  { all = false }: { readonly all?: boolean | undefined } = {},
): Promise<DeadLetterRow[]> {
  return parts.read((db) => listDeadLetters(db, { all }));
}

export function deadLetter(parts: DatabaseParts, id: string): Promise<DeadLetterRow> {
  return parts.read((db) => requireDeadLetter(db, id));
}

export function labels(parts: DatabaseParts): Promise<ListedLabel[]> {
  return parts.read(listLabels);
}

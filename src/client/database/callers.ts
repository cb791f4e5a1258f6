import { assertPromptName, parseReference } from "../../domain/names.ts";
import type { Callers, Impact } from "../../domain/shapes/callers.ts";
import { reportCallers } from "../../use-cases/report-callers.ts";
import { reportImpact } from "../../use-cases/report-impact.ts";
import { callersOf, subjectOfImpact } from "../caller-requests.ts";
import { promptTextOf } from "../prompt-text.ts";
import type { CallersRequest, ImpactRequest } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

export async function callers(parts: DatabaseParts, request: CallersRequest): Promise<Callers> {
  const query = { prompt: assertPromptName(request.prompt), ...callersOf(request) };
  return parts.read((db) => reportCallers(db, query));
}

export async function impact(parts: DatabaseParts, request: ImpactRequest): Promise<Impact> {
  const subject = subjectOfImpact(request);
  const of = "version" in subject ? parseReference(subject.version) : promptTextOf(subject.file);
  const options = callersOf(request);
  return parts.read((db) => reportImpact(db, { of, ...options }));
}

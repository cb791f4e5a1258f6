import { invalidInput } from "../domain/errors.ts";
import { parseVersionOf, parseVersionReference, type VersionReference } from "../domain/names.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import { scopeUnder } from "./references.ts";
import type { EvaluateRequest } from "./requests.ts";

/** What is evaluated, against what, and where: read, before anything is asked. */
export function evaluatedVersions(request: EvaluateRequest): {
  readonly candidate: VersionReference;
  readonly baseline: VersionReference | null | undefined;
  readonly scope: ScopeColumns;
} {
  const candidate = parseVersionReference(request.version);
  const { baseline: named, maxCostUsd } = request;
  if (!(maxCostUsd > 0)) throw invalidInput("an evaluation says what it may spend: maxCostUsd is above 0");
  const baseline = named === null || named === undefined ? named : parseVersionOf(candidate.prompt, named);
  return { candidate, baseline, scope: scopeUnder(candidate.prompt, request) };
}

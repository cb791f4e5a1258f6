import { invalidInput, notFound, type SluiceError } from "../domain/errors.ts";
import {
  assertLabel,
  assertPromptName,
  parseReference,
  parseVersionOf,
  parseVersionReference,
  type PromptReference,
  type VersionReference,
} from "../domain/names.ts";
import {
  columnsScope,
  DEFAULT_LABEL,
  describeScope,
  scopeColumns,
  type ScopeColumns,
  scopePartProblem,
} from "../domain/scope.ts";
import { shown } from "../domain/text/visible.ts";
import type { AnyPrompt, RolloutOf, ScopeOptions, ScopeRequest } from "./requests.ts";

/** The scope that a request names, as pointers are stored. What cannot be one is `invalid_input`. */
export function scopeOf(request: ScopeRequest): ScopeColumns {
  return scopeUnder(assertPromptName(request.prompt), request);
}

/** The same for a prompt whose name has been read, or for the defaults of every prompt (""). */
export function scopeUnder(
  prompt: string,
  { label = DEFAULT_LABEL, model, tenant }: ScopeOptions,
): ScopeColumns {
  assertPart("model", model);
  assertPart("tenant", tenant);
  return scopeColumns({ label: assertLabel(label), prompt, model, tenant });
}

/** The scope of a prompt, or with `anyPrompt` the default of a model for every prompt. */
export function scopeOrDefault(
  request: ScopeOptions & AnyPrompt & { readonly prompt?: string | undefined },
): ScopeColumns {
  if (!request.anyPrompt) return scopeOf({ ...request, prompt: request.prompt ?? "" });
  const scope = scopeUnder("", request);
  if (scope.model !== "") return scope;
  throw invalidInput("anyPrompt needs a model: a default is for every prompt of one model");
}

function assertPart(name: "model" | "tenant", text: string | undefined): void {
  const problem = text === undefined ? undefined : scopePartProblem(name, text);
  if (problem) throw invalidInput(`${name} ${shown(text)} ${problem}`, { [name]: text });
}

/** Which rollout is meant, read. */
export type RolloutPlace =
  | { readonly rolloutId: string }
  | { readonly scope: ScopeColumns; readonly reference: PromptReference };

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A rollout by its id, or by its scope and perhaps its version. */
export function rolloutPlace(of: RolloutOf): RolloutPlace {
  if ("rolloutId" in of) {
    if (!ID.test(of.rolloutId))
      throw invalidInput(`${shown(of.rolloutId)} is no rollout's id; see: sluice rollout list`, {
        rolloutId: of.rolloutId,
      });
    return { rolloutId: of.rolloutId.toLowerCase() };
  }
  const reference = parseReference(of.prompt);
  return { scope: scopeUnder(reference.prompt, of), reference };
}

/** The same of one that may be over: by the beginning of its id too. */
export function namedRollout(of: RolloutOf): RolloutPlace {
  return "rolloutId" in of ? of : rolloutPlace(of);
}

/** The id of an evaluation; what can be none is `invalid_input`. */
export function evaluationId(given: string): string {
  if (ID.test(given)) return given.toLowerCase();
  throw invalidInput(`${shown(given)} is no evaluation's id`, { evaluationId: given });
}

/** The id of a propagation; what can be none is `invalid_input`. */
export function propagationId(given: string): string {
  if (ID.test(given)) return given.toLowerCase();
  throw invalidInput(`${shown(given)} is no propagation's id`, { propagationId: given });
}

export function noSuchRollout(rolloutId: string): SluiceError {
  return notFound(`there is no rollout ${rolloutId}; see: sluice rollout list`, { rolloutId });
}

export function noPointerOfItsOwn(scope: ScopeColumns): SluiceError {
  return notFound(
    `${describeScope(columnsScope(scope))} has no pointer of its own; see those that there are: sluice pointers ${scope.prompt}`,
  );
}

/** What a rollback goes back to, read. */
export function rollbackTarget(
  prompt: string,
  target: string | undefined,
): VersionReference | "inherited" | undefined {
  if (target === undefined || target === "inherited") return target;
  return prompt === "" ? parseVersionReference(target) : parseVersionOf(prompt, target);
}

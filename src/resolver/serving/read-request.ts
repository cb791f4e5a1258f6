import { assertLabel, promptNameProblem } from "../../domain/names.ts";
import { normaliseModel, scopePartProblem, scopePrecedence, type ScopeColumns } from "../../domain/scope.ts";
import type { PinnedRequest, PreloadRequest, ResolveRequest } from "../options.ts";
import type { RequestedScope } from "./route-cache.ts";
import type { ServedRequest } from "./serving.ts";

export interface ReadRequest {
  /** As it was spelt. */
  readonly requested: RequestedScope;
  /** As scopes are spelt. */
  readonly served: ServedRequest;
  /** The scopes that can answer it, most specific first. */
  readonly scopes: readonly ScopeColumns[];
}

export type ModelAliases = ReadonlyMap<string, string>;

/** Other names of models, under which the name itself is normalised too. */
export function modelAliases(given: Readonly<Record<string, string>> = {}): ModelAliases {
  return new Map(Object.entries(given).map(([from, to]) => [normaliseModel(from), normaliseModel(to)]));
}

/** Checks and reads a request. A string says what is wrong with it. */
export function readRequest(
  request: PreloadRequest,
  defaultLabel: string,
  aliases: ModelAliases,
): ReadRequest | string {
  if (typeof request !== "object" || request === null)
    return `a request is an object such as { prompt: "support-reply" }, not ${String(request)}`;
  const { prompt = "", label = defaultLabel, model = "", tenant = "" } = request;
  if (typeof prompt !== "string") return `a prompt's name is text, not a value of type ${typeof prompt}`;
  if (prompt === "" && model === "")
    return "a request must name its prompt, or a model whose default is meant";
  if (prompt === "" && (request as ResolveRequest).version !== undefined)
    return "a version is of a prompt: name it too";
  const problem = (prompt === "" ? undefined : promptNameProblem(prompt)) ?? labelProblem(label);
  if (problem) return `prompt "${prompt.slice(0, 140)}": ${problem}`;
  const wrong = partProblem("model", model) ?? partProblem("tenant", tenant);
  if (wrong) return `prompt "${prompt}": ${wrong}`;
  const bare = normaliseModel(model);
  const served = { label, prompt, model: aliases.get(bare) ?? bare, tenant };
  const scopes = scopePrecedence({
    ...served,
    model: served.model || undefined,
    tenant: tenant || undefined,
  });
  return { requested: { label, prompt, model, tenant }, served, scopes };
}

function labelProblem(label: unknown): string | undefined {
  try {
    assertLabel(String(label));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function partProblem(name: "model" | "tenant", part: unknown): string | undefined {
  if (typeof part !== "string") return `its ${name} must be text, not a value of type ${typeof part}`;
  const problem = scopePartProblem(name, part);
  return problem && `its ${name} ${problem}`;
}

export function isPinned(request: ResolveRequest | PinnedRequest): request is PinnedRequest {
  return typeof request === "object" && request !== null && "pin" in request && request.pin !== undefined;
}

import { isMapping } from "../../domain/json/is-mapping.ts";
import type { VariableType } from "../../domain/prompt/artifact.ts";

const TYPES: ReadonlySet<unknown> = new Set<VariableType>(["string", "number", "boolean", "json", "list"]);

/**
 * What of an artifact is not of the form that rendering it relies on, though its hash is right: something else than
 * Sluice has written it, or a newer one. Undefined where all is. What its templates say is for the compiler to find.
 */
export function artifactProblem(artifact: unknown): string | undefined {
  if (!isMapping(artifact)) return "it is no object";
  for (const [name, isRight] of PARTS) if (!isRight(artifact[name])) return `its ${name} are of another form`;
  return undefined;
}

const PARTS: readonly (readonly [string, (part: unknown) => boolean])[] = [
  ["model", (model) => typeof model === "string"],
  ["params", isMapping],
  ["variables", (variables) => isMapping(variables) && Object.values(variables).every(isVariable)],
  ["messages", (messages) => Array.isArray(messages) && messages.every(isMapping)],
  ["examples", (examples) => isAbsentOrList(examples, isMapping)],
  ["tools", (tools) => isAbsentOrList(tools, (tool) => isMapping(tool) && isMapping(tool["function"]))],
  ["fallbacks", (fallbacks) => isAbsentOrList(fallbacks, isFallback)],
  ["output_schema", (schema) => schema === undefined || isMapping(schema)],
];

function isVariable(spec: unknown): boolean {
  return isMapping(spec) && TYPES.has(spec["type"]) && isAbsentOrList(spec["enum"], () => true);
}

function isFallback(fallback: unknown): boolean {
  if (typeof fallback === "string") return true;
  return isMapping(fallback) && typeof fallback["model"] === "string" && isMapping(fallback["params"]);
}

function isAbsentOrList(part: unknown, isRight: (item: unknown) => boolean): boolean {
  return part === undefined || (Array.isArray(part) && part.every(isRight));
}

import { isMapping } from "../json/is-mapping.ts";
const TYPES = new Set(["string", "number", "integer", "boolean", "object", "array", "null"]);

/**
 * What is wrong with the outline of a JSON Schema, with the path to it: enough to catch a mistyped
 * type or a list where an object belongs when a prompt is pushed, not a full check against the meta-schema.
 */
export function schemaShapeProblem(
  schema: unknown,
  path: readonly (string | number)[] = [],
): { path: readonly (string | number)[]; problem: string } | undefined {
  if (typeof schema === "boolean") return undefined;
  if (!isMapping(schema)) return { path, problem: "a JSON Schema is an object" };
  const { type, properties, required, items } = schema;
  for (const one of Array.isArray(type) ? type : type === undefined ? [] : [type])
    if (typeof one !== "string" || !TYPES.has(one))
      return {
        path: [...path, "type"],
        problem: `${JSON.stringify(one)} is not a JSON Schema type; use one of ${[...TYPES].join(", ")}`,
      };
  if (properties !== undefined && !isMapping(properties))
    return { path: [...path, "properties"], problem: "must be an object of schemas" };
  if (
    required !== undefined &&
    !(Array.isArray(required) && required.every((name) => typeof name === "string"))
  )
    return { path: [...path, "required"], problem: "must be a list of property names" };
  if (schema["enum"] !== undefined && !(Array.isArray(schema["enum"]) && schema["enum"].length > 0))
    return { path: [...path, "enum"], problem: "must be a list with at least one value" };
  for (const [name, property] of Object.entries(properties ?? {})) {
    const found = schemaShapeProblem(property, [...path, "properties", name]);
    if (found) return found;
  }
  if (items !== undefined && !Array.isArray(items)) return schemaShapeProblem(items, [...path, "items"]);
  return undefined;
}

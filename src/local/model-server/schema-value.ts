import type { JsonSchema } from "./model-request.ts";

/** What to put under a key, when its type allows it. */
export type Hint = (key: string) => unknown;

/** A value that a JSON Schema accepts, filled from hints where they fit. Follows `$ref` inside the schema. */
export function valueForSchema(
  schema: JsonSchema,
  hint: Hint,
  root: JsonSchema = schema,
  key = "",
  depth = 0,
): unknown {
  const inner = (next: unknown, name = key) =>
    valueForSchema((next ?? {}) as JsonSchema, hint, root, name, depth + 1);
  if (depth > 12) return null;
  if (typeof schema["$ref"] === "string") return inner(follow(root, schema["$ref"]));
  if ("const" in schema) return schema["const"];
  const wanted = hint(key);
  if (Array.isArray(schema["enum"])) return schema["enum"].includes(wanted) ? wanted : schema["enum"][0];
  for (const one of ["anyOf", "oneOf", "allOf"]) {
    const options = schema[one];
    if (Array.isArray(options) && options.length > 0)
      return one === "allOf" ? Object.assign({}, ...options.map((part) => inner(part))) : inner(options[0]);
  }
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type ?? (schema["properties"] ? "object" : "string")) {
    case "object": {
      const properties = (schema["properties"] ?? {}) as Record<string, unknown>;
      return Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part, name)]));
    }
    case "array": {
      const given = Array.isArray(wanted) ? wanted : [inner(schema["items"])];
      const least = Number(schema["minItems"] ?? 0);
      while (given.length < least) given.push(inner(schema["items"]));
      return given.slice(0, Number(schema["maxItems"] ?? Infinity));
    }
    case "integer":
    case "number": {
      const number = typeof wanted === "number" ? wanted : Number(schema["minimum"] ?? 0);
      const bounded = Math.min(
        Math.max(number, Number(schema["minimum"] ?? -Infinity)),
        Number(schema["maximum"] ?? Infinity),
      );
      return type === "integer" ? Math.round(bounded) : bounded;
    }
    case "boolean":
      return typeof wanted === "boolean" ? wanted : false;
    case "null":
      return null;
    default: {
      const text = typeof wanted === "string" ? wanted : String(hint("answer"));
      const padded = text.padEnd(Number(schema["minLength"] ?? 0), ".");
      return padded.slice(0, Number(schema["maxLength"] ?? Infinity));
    }
  }
}

function follow(root: JsonSchema, reference: string): unknown {
  const path = reference.replace(/^#\/?/, "").split("/").filter(Boolean);
  let node: unknown = root;
  for (const name of path) node = (node as Record<string, unknown> | undefined)?.[name];
  return node;
}

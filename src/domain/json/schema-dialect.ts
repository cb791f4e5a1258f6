type Schema = Readonly<Record<string, unknown>>;

/** The two drafts that are understood; a schema that names neither is read as draft 7. */
export type Draft = "7" | "2020-12";

export function draftOf(schema: object): Draft {
  const named = (schema as Schema)["$schema"];
  return typeof named === "string" && named.includes("2020-12") ? "2020-12" : "7";
}

/** Keywords by what stands under them. All others hold data, or words for readers. */
const ONE = new Set(
  (
    "additionalItems additionalProperties contains contentSchema else if not propertyNames then " +
    "unevaluatedItems unevaluatedProperties"
  ).split(" "),
);
const LIST = new Set("allOf anyOf oneOf prefixItems".split(" "));
const MAP = new Set("$defs definitions dependentSchemas patternProperties properties".split(" "));

/**
 * A schema as the validator understands it rightly. What it reads differently from the drafts is written in
 * other words: in draft 7 nothing beside a `$ref` counts, an `if` that fails has evaluated nothing, a property
 * may be called `__proto__`. What it would get wrong however it is written is refused: throws an Error that
 * names the keyword.
 */
export function toValidatorDialect(schema: object, draft: Draft): object {
  const used = new Set<string>();
  walk(schema, (node) => Object.keys(node).forEach((key) => used.add(key)));
  for (const keyword of ["$dynamicRef", "$recursiveRef"])
    if (used.has(keyword)) throw new Error(`"${keyword}" is not supported; use "$ref"`);
  for (const keyword of ["contains", "if", "items"])
    if (used.has("unevaluatedItems") && used.has(keyword))
      throw new Error(`"unevaluatedItems" and "${keyword}" in one schema are not supported`);
  const tracksEvaluated = used.has("unevaluatedItems") || used.has("unevaluatedProperties");
  return walk(schema, (node) => {
    const plain = withProto(draft === "7" && typeof node["$ref"] === "string" ? besideRef(node) : node);
    return tracksEvaluated && "if" in plain ? withoutIf(plain) : plain;
  }) as object;
}

/** The schema with a change made to each schema in it, inner ones first. */
function walk(schema: unknown, change: (node: Schema) => Schema | void): unknown {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
  // Never by assignment: a property may be called __proto__.
  const node = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, below(key, value, (part) => walk(part, change))]),
  );
  return change(node) ?? node;
}

function below(key: string, value: unknown, part: (schema: unknown) => unknown): unknown {
  if (ONE.has(key)) return part(value);
  if (key === "items") return Array.isArray(value) ? value.map(part) : part(value);
  if (LIST.has(key)) return Array.isArray(value) ? value.map(part) : value;
  if (!MAP.has(key) && key !== "dependencies") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, Array.isArray(one) ? one : part(one)]),
  );
}

/** `if` as a choice of two, so that only the branch that is taken counts as having looked at a property. */
function withoutIf({ if: condition, then: met = true, else: unmet = true, ...rest }: Schema): Schema {
  const choice = { anyOf: [{ allOf: [condition, met] }, { allOf: [{ not: condition }, unmet] }] };
  return { ...rest, allOf: [...((rest["allOf"] ?? []) as unknown[]), choice] };
}

/** The validator passes over a property of this name, but not over a pattern that fits it. */
function withProto(schema: Schema): Schema {
  const properties = schema["properties"];
  if (typeof properties !== "object" || properties === null || !Object.hasOwn(properties, "__proto__"))
    return schema;
  const own = Object.getOwnPropertyDescriptor(properties, "__proto__")!.value as unknown;
  return {
    ...schema,
    patternProperties: { ...(schema["patternProperties"] as object | undefined), "^__proto__$": own },
  };
}

/** Of a draft 7 schema with a `$ref`: the reference, and the definitions that others may point into. */
function besideRef(schema: Schema): Schema {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => key === "$ref" || key === "definitions" || key === "$schema"),
  );
}

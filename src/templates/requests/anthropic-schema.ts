import { isMapping } from "../../domain/json/is-mapping.ts";
type Schema = Readonly<Record<string, unknown>>;

// What Anthropic documents for its structured outputs; anything else is refused there with a 400.
const KEPT = new Set("type enum const default title description required $ref minItems".split(" "));
const FORMATS = new Set("date-time time date duration email hostname uri ipv4 ipv6 uuid".split(" "));
const MAPS = ["properties", "$defs", "definitions"] as const;

/**
 * A schema as Anthropic's structured outputs take it: every object is closed, `oneOf` is `anyOf`, and what the vendor
 * does not hold an answer to (`minimum`, `pattern`, `maxItems`…) is told to the model in the description instead.
 */
export function anthropicSchema(schema: Schema): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const told: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "minItems" && value !== 0 && value !== 1) told[key] = value;
    else if (KEPT.has(key)) kept[key] = value;
    else if (key === "format" && FORMATS.has(String(value))) kept[key] = value;
    else if (isMap(key) && isMapping(value))
      kept[key] = Object.fromEntries(
        Object.entries(value).map(([name, part]) => [name, isMapping(part) ? anthropicSchema(part) : part]),
      );
    else if (key === "items" && isMapping(value)) kept[key] = anthropicSchema(value);
    else if ((key === "anyOf" || key === "oneOf") && Array.isArray(value)) kept["anyOf"] = value.map(part);
    else if (key === "allOf" && Array.isArray(value)) kept[key] = value.map(part);
    else if (key !== "$schema" && key !== "additionalProperties") told[key] = value;
  }
  if (kept["type"] === "object" || kept["properties"] !== undefined) kept["additionalProperties"] = false;
  if (Object.keys(told).length > 0)
    kept["description"] = [schema["description"], JSON.stringify(told)].filter(Boolean).join("\n");
  return kept;
}

/** What a schema wants that Anthropic's structured outputs cannot give, in words; undefined where that is nothing. */
export function anthropicSchemaProblem(schema: unknown): string | undefined {
  if (!isMapping(schema)) return undefined;
  const { type, properties, additionalProperties, $ref } = schema;
  const isFree = isMapping(additionalProperties) || additionalProperties === true;
  if (type === "object" && isFree && Object.keys(properties ?? {}).length === 0)
    return "an object whose keys are not named: every object is closed there";
  if (typeof $ref === "string" && !$ref.startsWith("#"))
    return `a $ref to another document (${$ref.slice(0, 40)})`;
  if ($ref === "#") return "a $ref to itself";
  for (const inner of partsOf(schema)) {
    const found = anthropicSchemaProblem(inner);
    if (found) return found;
  }
  return undefined;
}

/** The schemas in a schema. */
function partsOf(schema: Schema): unknown[] {
  const lists = ["anyOf", "oneOf", "allOf"].map((key) => schema[key]).filter((value) => Array.isArray(value));
  return [
    ...MAPS.flatMap((key) => Object.values(schema[key] ?? {})),
    ...lists.flat(),
    ...(schema["items"] === undefined ? [] : [schema["items"]]),
  ];
}

function part(value: unknown): unknown {
  return isMapping(value) ? anthropicSchema(value) : value;
}

function isMap(key: string): boolean {
  return MAPS.some((one) => one === key);
}

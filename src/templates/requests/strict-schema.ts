import { isMapping } from "../../domain/json/is-mapping.ts";

// What OpenAI documents for structured outputs; anything else is refused there with a 400.
const KEYWORDS = new Set(
  (
    "$defs $ref $schema additionalProperties anyOf const definitions description enum exclusiveMaximum " +
    "exclusiveMinimum format items maxItems maximum minItems minimum multipleOf pattern properties required title type"
  ).split(" "),
);
const FORMATS = new Set("date-time time date duration email hostname ipv4 ipv6 uuid".split(" "));
const MOST_LEVELS = 10;
const MOST_PROPERTIES = 5_000;
const MOST_ENUM_VALUES = 1_000;

/**
 * What keeps a schema from OpenAI's strict mode, in words; undefined where nothing does. Strict wants every object
 * closed (`additionalProperties: false`), all its properties required, and only some of JSON Schema's keywords.
 */
export function strictProblem(schema: unknown): string | undefined {
  if (isMapping(schema) && schema["anyOf"] !== undefined) return '"anyOf" at its top';
  const counts = { properties: 0, values: 0 };
  const found = nodeProblem(schema, 0, counts);
  if (found) return found;
  if (counts.properties > MOST_PROPERTIES) return `more than ${MOST_PROPERTIES} properties`;
  return counts.values > MOST_ENUM_VALUES ? `more than ${MOST_ENUM_VALUES} values of enums` : undefined;
}

function nodeProblem(
  node: unknown,
  level: number,
  counts: { properties: number; values: number },
): string | undefined {
  if (!isMapping(node)) return "a schema that says nothing";
  const unknown = Object.keys(node).find((key) => !KEYWORDS.has(key));
  if (unknown) return `"${unknown}"`;
  if (!["type", "anyOf", "$ref", "enum", "const"].some((key) => key in node)) return "a part without a type";
  if (typeof node["format"] === "string" && !FORMATS.has(node["format"])) return `format "${node["format"]}"`;
  if (Array.isArray(node["enum"])) counts.values += node["enum"].length;
  const { properties, items, anyOf } = node;
  if (node["type"] === "object" || properties !== undefined) {
    const names = Object.keys(properties ?? {});
    const required = Array.isArray(node["required"]) ? (node["required"] as unknown[]) : [];
    const free = names.find((name) => !required.includes(name));
    if (node["additionalProperties"] !== false) return "an object without additionalProperties: false";
    if (free !== undefined) return `property "${free}", which is not required`;
    if (level >= MOST_LEVELS) return `more than ${MOST_LEVELS} levels`;
    counts.properties += names.length;
  }
  const parts = [properties, node["$defs"], node["definitions"]].flatMap((map) => Object.values(map ?? {}));
  if (items !== undefined) parts.push(items);
  if (Array.isArray(anyOf)) parts.push(...(anyOf as unknown[]));
  for (const part of parts) {
    const found = nodeProblem(part, level + 1, counts);
    if (found) return found;
  }
  return undefined;
}

import { isMapping } from "../json/is-mapping.ts";
import { counted } from "../text/counted.ts";
import { canonicalJson, parseModelTarget, type Artifact, type VariableSpec } from "./artifact.ts";

/** One way in which a service that works with the earlier version may break with the later one. */
export interface ContractBreak {
  /** What it is about: `variables.tier`, `messages.history`, `output_schema.properties.price`, `model`. */
  readonly part: string;
  /** One sentence without its full stop. */
  readonly problem: string;
}

/**
 * What callers of `before` rely on and `after` no longer gives: values that they do not send, values that they
 * send and that are no longer taken, a conversation that is dropped, an answer of another shape, another vendor's
 * request. Empty: every call that worked goes on working.
 */
export function contractBreaks(before: Artifact, after: Artifact): ContractBreak[] {
  return [
    ...vendorBreaks(before, after),
    ...Object.entries(after.variables).flatMap(([name, spec]) =>
      variableBreaks(`variables.${name}`, before.variables[name], spec),
    ),
    ...removedVariables(before, after),
    ...placeholderBreaks(before, after),
    ...schemaBreaks("output_schema", before.output_schema, after.output_schema),
    ...removedTools(before, after),
  ];
}

function vendorBreaks(before: Artifact, after: Artifact): ContractBreak[] {
  const [old, now] = [vendorOf(before.model), vendorOf(after.model)];
  if (old === now) return [];
  return [{ part: "model", problem: `goes to ${now} instead of ${old}, whose requests are different` }];
}

function vendorOf(model: string): string {
  return parseModelTarget(model)?.provider ?? model.split("/", 1)[0]!;
}

function variableBreaks(
  part: string,
  before: VariableSpec | undefined,
  after: VariableSpec,
): ContractBreak[] {
  const mustBeSent = after.required === true && after.default === undefined;
  if (before === undefined)
    return mustBeSent ? [{ part, problem: "is new and required, and callers do not send it" }] : [];
  const breaks: ContractBreak[] = [];
  const wasOptional = before.required !== true || before.default !== undefined;
  if (mustBeSent && wasOptional) breaks.push({ part, problem: "was optional and is required now" });
  if (before.type !== after.type)
    breaks.push({ part, problem: `was a ${before.type} and is a ${after.type} now` });
  const refused = before.enum?.filter((value) => !allows(after.enum, value)) ?? [];
  if (refused.length > 0)
    breaks.push({
      part,
      problem: `no longer takes ${refused.map((value) => JSON.stringify(value)).join(", ")}`,
    });
  else if (before.enum === undefined && after.enum !== undefined)
    breaks.push({ part, problem: "took any value and takes only a few now" });
  if (after.max_length !== undefined && after.max_length < (before.max_length ?? Number.POSITIVE_INFINITY))
    breaks.push({
      part,
      problem: `takes ${counted(after.max_length, "character")} at most, ${before.max_length === undefined ? "and had no limit" : `down from ${before.max_length}`}`,
    });
  return breaks;
}

function allows(values: readonly unknown[] | undefined, value: unknown): boolean {
  if (values === undefined) return true;
  const text = canonicalJson(value);
  return values.some((one) => canonicalJson(one) === text);
}

function removedVariables(before: Artifact, after: Artifact): ContractBreak[] {
  return Object.keys(before.variables)
    .filter((name) => !Object.hasOwn(after.variables, name))
    .map((name) => ({ part: `variables.${name}`, problem: "is gone: what callers send in it is not used" }));
}

function placeholderBreaks(before: Artifact, after: Artifact): ContractBreak[] {
  const kept = new Set(placeholders(after));
  return placeholders(before)
    .filter((name) => !kept.has(name))
    .map((name) => ({
      part: `messages.${name}`,
      problem: "the placeholder is gone: its messages are dropped",
    }));
}

function placeholders({ messages }: Artifact): string[] {
  return messages.flatMap((message) => ("placeholder" in message ? [message.placeholder] : []));
}

function removedTools(before: Artifact, after: Artifact): ContractBreak[] {
  const kept = new Set(after.tools?.map(({ function: tool }) => tool.name));
  return (before.tools ?? [])
    .map(({ function: tool }) => tool.name)
    .filter((name) => !kept.has(name))
    .map((name) => ({ part: `tools.${name}`, problem: "is gone" }));
}

type Schema = Readonly<Record<string, unknown>>;

/** What a reader of the answer may miss: a property that is gone or may now be absent, a value of another type. */
function schemaBreaks(part: string, before: unknown, after: unknown): ContractBreak[] {
  if (!isMapping(before)) return [];
  if (!isMapping(after)) return [{ part, problem: "is gone: answers may have any shape" }];
  const breaks: ContractBreak[] = [];
  const added = typesOf(after).filter((type) => !typesOf(before).includes(type));
  if (typesOf(before).length > 0 && (added.length > 0 || typesOf(after).length === 0))
    breaks.push({
      part,
      problem: `was ${typesOf(before).join(" or ")} and is ${typesOf(after).join(" or ") || "anything"} now`,
    });
  const required = (schema: Schema) => (Array.isArray(schema["required"]) ? schema["required"] : []);
  const properties = (schema: Schema) => (isMapping(schema["properties"]) ? schema["properties"] : {});
  for (const [name, inner] of Object.entries(properties(before))) {
    const at = `${part}.properties.${name}`;
    if (!Object.hasOwn(properties(after), name))
      breaks.push({ part: at, problem: "is gone from the answer" });
    else {
      if (required(before).includes(name) && !required(after).includes(name))
        breaks.push({ part: at, problem: "may be missing from the answer now" });
      breaks.push(...schemaBreaks(at, inner, properties(after)[name]));
    }
  }
  if (isMapping(before["items"]) && isMapping(after["items"]))
    breaks.push(...schemaBreaks(`${part}.items`, before["items"], after["items"]));
  if (Array.isArray(before["enum"])) {
    const added = Array.isArray(after["enum"])
      ? after["enum"].filter((value) => !allows(before["enum"] as unknown[], value))
      : null;
    if (added === null) breaks.push({ part, problem: "may have any value now" });
    else if (added.length > 0)
      breaks.push({ part, problem: `may be ${added.map((value) => JSON.stringify(value)).join(", ")} now` });
  }
  return breaks;
}

function typesOf(schema: Schema): string[] {
  const { type } = schema;
  return typeof type === "string"
    ? [type]
    : Array.isArray(type)
      ? type.filter((one) => typeof one === "string")
      : [];
}

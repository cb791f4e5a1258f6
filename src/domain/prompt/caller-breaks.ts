import type { Caller, CallerBreak, CallerValue } from "../shapes/callers.ts";
import { counted } from "../text/counted.ts";
import type { Artifact, VariableSpec, VariableType } from "./artifact.ts";
import type { SentType } from "./caller-report.ts";

/** What a variable of each type takes. */
const TAKES: Readonly<Record<VariableType, readonly SentType[]>> = {
  string: ["string"],
  number: ["number"],
  boolean: ["boolean"],
  list: ["list"],
  json: ["boolean", "json", "list", "null", "number", "string"],
};
/** What a text may have where nothing is said. */
const USUAL_LENGTH = 100_000;

type Found = Omit<CallerBreak, "service" | "label" | "tenant">;

/**
 * What `after` would do to those who call the prompt, going by what they have sent: calls that fail, values that are
 * not used any more. What `before` does to them already is left out; without it all is told.
 */
export function callerBreaks(
  callers: readonly Caller[],
  before: Artifact | undefined,
  after: Artifact,
): CallerBreak[] {
  return callers.flatMap((caller) => {
    const { service, label, tenant } = caller;
    const known = before ? new Set(breaksOf(caller, before).map(keyOf)) : new Set<string>();
    return [
      ...breaksOf(caller, after).filter((one) => !known.has(keyOf(one))),
      ...delimited(caller, before, after),
    ].map((one) => ({ service, label, tenant, ...one }));
  });
}

/** What a caller is called in a sentence: `checkout (production, 1,204 calls, last seen 2026-11-30 15:04 UTC)`. */
function named({ service, label, tenant, calls, lastSeen }: Caller): string {
  const whose = tenant === null ? "" : ` for tenant ${tenant}`;
  const seen = `${lastSeen.slice(0, 16).replace("T", " ")} UTC`;
  return `${service}${whose} (${label}, ${counted(calls, "call")}, last seen ${seen})`;
}

function keyOf({ severity, part, message }: Found): string {
  return JSON.stringify([severity, part, message]);
}

function breaksOf(caller: Caller, artifact: Artifact): Found[] {
  const who = named(caller);
  const found: Found[] = [];
  const sent = (kind: CallerValue["kind"]) =>
    new Map(caller.values.filter((value) => value.kind === kind).map((value) => [value.name, value]));
  const values = sent("variable");
  for (const [name, spec] of Object.entries(artifact.variables)) {
    const part = `variables.${name}`;
    const value = values.get(name);
    const one = value === undefined ? undefined : refusal(spec, value);
    if (one) found.push({ ...one, part, message: `${who} ${one.message} "${name}"${one.instead}` });
    if (spec.required !== true || spec.default !== undefined || value?.always) continue;
    found.push({
      // Such a template goes on without it.
      severity: artifact.syntax === "dollar" ? "warning" : "error",
      part,
      message: value
        ? `${who} does not always send "${name}", which is required`
        : `${who} does not send "${name}", which is required`,
    });
  }
  for (const name of values.keys())
    if (!Object.hasOwn(artifact.variables, name))
      found.push({
        severity: "warning",
        part: `variables.${name}`,
        message: `${who} sends "${name}", which is not used`,
      });
  const places = artifact.messages.flatMap((message) =>
    "placeholder" in message ? [message.placeholder] : [],
  );
  const placeholders = sent("placeholder");
  for (const name of placeholders.keys())
    if (!places.includes(name))
      found.push({
        severity: "warning",
        part: `messages.${name}`,
        message: `${who} fills the placeholder "${name}", which is not there: its messages are dropped`,
      });
  for (const name of new Set(places))
    if (!placeholders.has(name))
      found.push({
        severity: "warning",
        part: `messages.${name}`,
        message: `${who} leaves the placeholder "${name}" empty`,
      });
  return found;
}

/** Why values of it are not taken, as far as what was noted tells. */
function refusal(
  { type, max_length: most }: VariableSpec,
  { types, longest }: CallerValue,
): { severity: Found["severity"]; message: string; instead: string } | undefined {
  // Null is as nothing, but where it may be a value.
  const wrong = types.filter((one) => one !== "null" && !TAKES[type].includes(one));
  if (wrong.length > 0)
    return {
      severity: "error",
      message: `sends a ${wrong.join(" or ")} for`,
      instead: `, which is a ${type}`,
    };
  const limit = most ?? (type === "string" ? USUAL_LENGTH : undefined);
  if (limit === undefined || longest === null || longest <= limit) return undefined;
  const unit = types.includes("list") ? "items" : "characters";
  // Noted as a power of two: the longest is past half of it.
  const sure = longest / 2 >= limit;
  return {
    severity: sure ? "error" : "warning",
    message: `sends ${sure ? "more than" : "perhaps more than"} ${limit} ${unit} for`,
    instead: `, which takes ${limit} at most`,
  };
}

/** Values that were put in as they are, and would come between delimiters. */
function delimited({ values, ...caller }: Caller, before: Artifact | undefined, after: Artifact): Found[] {
  return values
    .filter(({ kind, name }) => kind === "variable" && before?.variables[name] !== undefined)
    .filter(({ name }) => !before!.variables[name]!.untrusted && after.variables[name]?.untrusted === true)
    .map(({ name }) => ({
      severity: "warning",
      part: `variables.${name}`,
      message: `${named({ values, ...caller })} sends "${name}", which is untrusted now: its text comes between delimiters`,
    }));
}

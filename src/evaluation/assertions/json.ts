import { parse } from "yaml";
import { type Assertion, type Grade, grade, quote } from "../assertion.ts";
import { compileSchema, type SchemaCheck, schemaProblem } from "../json-schema.ts";
import type { AssertionKind } from "./assertion-kind.ts";

/** A text as JSON; undefined when it is not. */
export function parseJsonText(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** The schema of an assertion: an object, or one written as JSON or YAML text; undefined without a value. */
function schemaOf(value: unknown): object | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const schema: unknown = typeof value === "string" ? parse(value) : value;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema))
    throw new Error("its value must be a JSON Schema");
  return schema;
}

function problem({ value }: Assertion): string | undefined {
  try {
    const schema = schemaOf(value);
    return schema && schemaProblem(schema);
  } catch (error) {
    return (error as Error).message.split("\n", 1)[0];
  }
}

const checks = new WeakMap<Assertion, SchemaCheck>();

function checkOf(assertion: Assertion): SchemaCheck {
  const known = checks.get(assertion);
  if (known) return known;
  const schema = schemaOf(assertion.value);
  const check: SchemaCheck = schema ? compileSchema(schema) : () => undefined;
  checks.set(assertion, check);
  return check;
}

function gradeSchema(value: unknown, check: SchemaCheck): Grade {
  const wrong = check(value);
  return wrong === undefined
    ? grade(true, "the answer is JSON of the expected form")
    : grade(false, `the answer's JSON is not of the expected form: ${wrong}`);
}

/**
 * Every JSON object or array that stands in a text, outermost only, in order. Balanced by a scan that knows
 * strings, so it takes linear time per opening bracket; at most `limit` openings are tried.
 */
export function jsonWithin(text: string, limit = 200): unknown[] {
  const found: unknown[] = [];
  let tried = 0;
  for (let start = 0; start < text.length && tried < limit; start += 1) {
    if (text[start] !== "{" && text[start] !== "[") continue;
    tried += 1;
    const end = closing(text, start);
    const parsed = end === undefined ? undefined : parseJsonText(text.slice(start, end + 1));
    if (!parsed) continue;
    found.push(parsed.value);
    start = end!;
  }
  return found;
}

function closing(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i += 1) {
    const c = text[i];
    if (inString) {
      if (c === "\\") i += 1;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === "{" || c === "[") depth += 1;
    else if ((c === "}" || c === "]") && --depth === 0) return i;
  }
  return undefined;
}

export const jsonKinds: Readonly<Record<string, AssertionKind>> = {
  "is-json": {
    problem,
    grade(assertion, { text }) {
      const parsed = parseJsonText(text);
      if (!parsed) return grade(false, `the answer ${quote(text)} is not JSON`);
      return gradeSchema(parsed.value, checkOf(assertion));
    },
  },
  "contains-json": {
    problem,
    grade(assertion, { text }) {
      const found = jsonWithin(text);
      if (found.length === 0) return grade(false, "the answer contains no JSON");
      const grades = found.map((value) => gradeSchema(value, checkOf(assertion)));
      return grades.find((one) => one.pass) ?? grades[0]!;
    },
  },
};

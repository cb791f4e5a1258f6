import { parse } from "yaml";
import { type Assertion, type Grade, grade, quote } from "./assertion.ts";
import { jsonWithin, parseJsonText } from "../../../domain/json/json-text.ts";
import { compileSchema, type SchemaCheck, schemaProblem } from "../../../domain/json/json-schema.ts";
import type { AssertionKind } from "./assertion-kind.ts";

/** The schema of an assertion: an object, or one written as JSON or YAML text; undefined without a value. */
function schemaOf(value: unknown): object | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const schema: unknown = typeof value === "string" ? parse(value, { logLevel: "error" }) : value;
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

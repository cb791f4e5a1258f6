import { Ajv, type Options } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { linearRegex } from "./linear-regex.ts";
import { draftOf, toValidatorDialect } from "./schema-dialect.ts";

/** Says what of a value does not fit its schema; undefined when all of it does. */
export type SchemaCheck = (value: unknown) => string | undefined;

// What `code.regExp` asks for: patterns run in linear time, so that a schema cannot hang the process. The
// validator keeps one expression for each text that it is written as.
const regExp = Object.assign(
  (pattern: string, flags: string) => ({
    ...linearRegex(pattern, flags),
    toString: () => `/${pattern}/${flags}`,
  }),
  { code: "linearRegex" },
);

const OPTIONS: Options = {
  strict: false,
  allErrors: false,
  validateFormats: true,
  // A property of every object (`constructor`) is none of the value's.
  ownProperties: true,
  logger: false,
  code: { regExp },
};

/**
 * Compiles a JSON Schema (draft 7, or 2020-12 where `$schema` says so). Nothing is fetched. Throws an Error
 * when it is not a schema, or uses what is not supported.
 */
export function compileSchema(schema: object): SchemaCheck {
  const draft = draftOf(schema);
  const ajv = draft === "2020-12" ? new Ajv2020(OPTIONS) : new Ajv(OPTIONS);
  formats.default(ajv);
  const dialect = toValidatorDialect(schema, draft);
  const validate = endless(() => ajv.compile(dialect));
  return (value) => {
    if (endless(() => validate(value))) return undefined;
    const error = validate.errors?.[0];
    if (!error) return "it does not fit the schema";
    const extra =
      error.keyword === "additionalProperties" ? ` (${String(error.params["additionalProperty"])})` : "";
    return `${error.instancePath || "the value"} ${error.message ?? "does not fit the schema"}${extra}`;
  };
}

function endless<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error('its "$ref"s lead round in a circle, or too deep', { cause: error });
  }
}

/** Why an object is not a schema that can be used, or undefined when it is one. */
export function schemaProblem(schema: object): string | undefined {
  try {
    compileSchema(schema);
    return undefined;
  } catch (error) {
    return `not a JSON Schema that can be used: ${(error as Error).message.split("\n", 1)[0]}`;
  }
}

import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { linearRegex } from "./linear-regex.ts";

/** Says what of a value does not fit its schema; undefined when all of it does. */
export type SchemaCheck = (value: unknown) => string | undefined;

// What `code.regExp` asks for: patterns run in linear time, so that a schema cannot hang the process.
const regExp = Object.assign((pattern: string, flags: string) => linearRegex(pattern, flags), {
  code: "linearRegex",
});

/**
 * Compiles a JSON Schema (draft 7, or 2020-12 where `$schema` says so). Nothing is fetched. Throws an Error
 * when it is not a schema.
 */
export function compileSchema(schema: object): SchemaCheck {
  const options = { strict: false, allErrors: false, validateFormats: true, code: { regExp } } as const;
  const is2020 =
    "$schema" in schema && typeof schema.$schema === "string" && schema.$schema.includes("2020-12");
  const ajv = is2020 ? new Ajv2020(options) : new Ajv(options);
  formats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => {
    if (validate(value)) return undefined;
    const error = validate.errors?.[0];
    if (!error) return "it does not fit the schema";
    const extra =
      error.keyword === "additionalProperties" ? ` (${String(error.params["additionalProperty"])})` : "";
    return `${error.instancePath || "the value"} ${error.message ?? "does not fit the schema"}${extra}`;
  };
}

/** Why an object is not a schema, or undefined when it is one. */
export function schemaProblem(schema: object): string | undefined {
  try {
    compileSchema(schema);
    return undefined;
  } catch (error) {
    return `not a JSON Schema: ${(error as Error).message.split("\n", 1)[0]}`;
  }
}

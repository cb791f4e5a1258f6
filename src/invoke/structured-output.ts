import { compileSchema, type SchemaCheck } from "../domain/json/json-schema.ts";
import { jsonWithin, parseJsonText } from "../domain/json/json-text.ts";
import { delimit } from "../templates/untrusted.ts";
import { askModel } from "./ask-model.ts";
import type { Answered, Call } from "./call.ts";
import { Failure } from "./failure.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Schemas are an artifact's, and artifacts are kept: each is compiled once. */
const checks = new WeakMap<Schema, SchemaCheck>();

interface Unfitted extends Omit<Answered, "output"> {
  readonly schema: Schema;
}

/**
 * The value of an answer that has to fit a schema. What does not fit is taken out of the text around it, or the model
 * is asked again; no key is ever made up or left out. Fails as `format` when there is none.
 */
export async function fitted(call: Call, { target, completion, schema }: Unfitted): Promise<Answered> {
  const { account, messages } = call;
  const { local = true, asks = 1 } = call.request.repair ?? {};
  const check = checkOf(schema);
  account.formatFailure ??= false;
  let answer = completion;
  for (let asked = 0; ; asked++) {
    const parsed = parseJsonText(answer.text);
    const problem = parsed ? check(parsed.value) : "it is not JSON";
    if (parsed && problem === undefined) return { target, completion: answer, output: parsed.value };
    if (asked === 0) account.formatFailure = true;
    const found = local ? within(answer.text, check) : undefined;
    if (found) {
      if (asked === 0) account.repaired = "local";
      return { target, completion: { ...answer, text: found.text }, output: found.value };
    }
    if (asked >= asks)
      throw new Failure(
        "format",
        `${target.name} gave an answer that does not fit the output_schema: ${problem}`,
      );
    account.repaired = "asked";
    const again = [
      ...messages,
      { role: "assistant" as const, content: answer.text || "(nothing)" },
      { role: "user" as const, content: correction(problem!) },
    ];
    answer = await askModel(call, target, again, false);
  }
}

function checkOf(schema: Schema): SchemaCheck {
  const known = checks.get(schema);
  if (known) return known;
  const check = compileSchema(schema);
  checks.set(schema, check);
  return check;
}

/** The one value in a text that fits, whatever stands around it; a comma too many is forgiven. */
function within(
  text: string,
  check: SchemaCheck,
): { readonly value: unknown; readonly text: string } | undefined {
  const found = [text, text.replace(/,(?=\s*[}\]])/g, "")]
    .map((one) => jsonWithin(one).filter((value) => check(value) === undefined))
    .find((values) => values.length > 0);
  return found?.length === 1 ? { value: found[0], text: JSON.stringify(found[0]) } : undefined;
}

function correction(problem: string): string {
  return `Your last answer cannot be used, because it does not fit the JSON Schema that was asked for. What is wrong: ${delimit("problem", problem)}. Give the same answer again as JSON that fits the schema, and nothing else.`;
}

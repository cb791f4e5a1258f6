import type { CategoryValues } from "../../../domain/shapes/keys.ts";
import type { SeenScore } from "./report.ts";
import { fieldsOf } from "../../telemetry/span.ts";

const MAX_ID = 200;
const MAX_NAME = 128;
const MAX_FEEDBACK = 20_000;

/**
 * A score as an outcome: a number or a boolean is the metric of its name, a category what the key says that it counts
 * as, a text and a comment are feedback. A word for what it is where it says nothing that can be counted.
 */
export function readScore(
  given: unknown,
  score: string | undefined,
  categories: CategoryValues = {},
): SeenScore | "unreadable" | "without_trace" | "without_value" {
  const { traceId, observationId, name, comment, ...body } = fieldsOf(given);
  if (!isId(score) || typeof name !== "string" || name === "") return "unreadable";
  if (!isId(traceId)) return "without_trace";
  const { number, text } = valueOf(body, categories[name]);
  const feedback = [text, comment].filter((part) => typeof part === "string" && part !== "").join("\n");
  if (number === undefined && feedback === "") return "without_value";
  return {
    trace: traceId,
    score,
    ...(isId(observationId) && { observation: observationId }),
    metrics: number === undefined ? {} : { [metricName(name)]: number },
    ...(feedback !== "" && { feedback: feedback.slice(0, MAX_FEEDBACK) }),
  };
}

function valueOf(
  { value, stringValue, dataType }: Readonly<Record<string, unknown>>,
  categories: Readonly<Record<string, number>> = {},
): { readonly number?: number | undefined; readonly text?: string | undefined } {
  if (typeof value === "boolean") return { number: Number(value) };
  if (typeof value === "number") return Number.isFinite(value) ? { number: value } : {};
  const said = typeof value === "string" ? value : stringValue;
  if (typeof said !== "string") return {};
  if (dataType === "TEXT") return { text: said };
  return Object.hasOwn(categories, said) ? { number: categories[said] } : {};
}

function metricName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, MAX_NAME);
}

export function isId(given: unknown): given is string {
  return typeof given === "string" && given !== "" && given.length <= MAX_ID;
}

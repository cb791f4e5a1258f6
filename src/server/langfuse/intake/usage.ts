import { fieldsOf } from "../../telemetry/span.ts";

const INPUT = ["input", "input_tokens", "prompt_tokens", "promptTokens", "inputTokens"];
const OUTPUT = ["output", "output_tokens", "completion_tokens", "completionTokens", "outputTokens"];

/** Tokens of a generation, under whichever of the names that the clients have had for them. */
export function tokenCounts(given: unknown): { input_tokens?: number; output_tokens?: number } {
  const usage = fieldsOf(given);
  const input = firstNumber(usage, INPUT);
  const output = firstNumber(usage, OUTPUT);
  return {
    ...(input !== undefined && { input_tokens: input }),
    ...(output !== undefined && { output_tokens: output }),
  };
}

/** US dollars: the total where it is said, otherwise the sum of its parts. */
export function totalCost(given: unknown): number | undefined {
  const costs = fieldsOf(given);
  if (isNumber(costs["total"])) return costs["total"];
  const parts = Object.values(costs).filter(isNumber);
  return parts.length > 0 ? parts.reduce((sum, cost) => sum + cost, 0) : undefined;
}

function firstNumber(usage: Readonly<Record<string, unknown>>, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = usage[name];
    const number = typeof value === "string" && value !== "" ? Number(value) : value;
    if (isNumber(number)) return number;
  }
  return undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

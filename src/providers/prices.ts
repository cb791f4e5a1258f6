import * as v from "valibot";
import { type ModelTarget, parseModelTarget } from "../domain/artifact.ts";
import { checkSource, readSource } from "../domain/source-document.ts";
import type { Usage } from "./usage.ts";

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** By `provider/model`; a dated snapshot (`-2025-08-07`, `-20250929`, `-latest`) has the price of its model. */
export type PriceTable = Readonly<Record<string, Price>>;

/** List prices as the vendors publish them. A prices file adds to it and overrides it. */
export const LIST_PRICES: PriceTable = {
  "openai/gpt-5.2": { input: 1.75, output: 14 },
  "openai/gpt-5.1": { input: 1.25, output: 10 },
  "openai/gpt-5": { input: 1.25, output: 10 },
  "openai/gpt-5-chat": { input: 1.25, output: 10 },
  "openai/gpt-5-mini": { input: 0.25, output: 2 },
  "openai/gpt-5-nano": { input: 0.05, output: 0.4 },
  "openai/gpt-4.1": { input: 2, output: 8 },
  "openai/gpt-4.1-mini": { input: 0.4, output: 1.6 },
  "openai/gpt-4.1-nano": { input: 0.1, output: 0.4 },
  "openai/gpt-4o": { input: 2.5, output: 10 },
  "openai/gpt-4o-mini": { input: 0.15, output: 0.6 },
  "openai/gpt-4-turbo": { input: 10, output: 30 },
  "openai/gpt-3.5-turbo": { input: 0.5, output: 1.5 },
  "openai/o1": { input: 15, output: 60 },
  "openai/o3": { input: 2, output: 8 },
  "openai/o3-mini": { input: 1.1, output: 4.4 },
  "openai/o4-mini": { input: 1.1, output: 4.4 },
  "openai/text-embedding-3-small": { input: 0.02, output: 0 },
  "openai/text-embedding-3-large": { input: 0.13, output: 0 },
  "anthropic/claude-opus-4-6": { input: 5, output: 25 },
  "anthropic/claude-opus-4-5": { input: 5, output: 25 },
  "anthropic/claude-opus-4-1": { input: 15, output: 75 },
  "anthropic/claude-opus-4": { input: 15, output: 75 },
  "anthropic/claude-sonnet-4-6": { input: 3, output: 15 },
  "anthropic/claude-sonnet-4-5": { input: 3, output: 15 },
  "anthropic/claude-sonnet-4": { input: 3, output: 15 },
  "anthropic/claude-3-7-sonnet": { input: 3, output: 15 },
  "anthropic/claude-haiku-4-5": { input: 1, output: 5 },
  "anthropic/claude-3-5-haiku": { input: 0.8, output: 4 },
  "anthropic/claude-3-haiku": { input: 0.25, output: 1.25 },
};

const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/;

/** The price of a model, or undefined when the table does not have it. Never guessed from a similar name. */
export function priceOf(target: ModelTarget, prices: PriceTable = LIST_PRICES): Price | undefined {
  const name = `${target.provider}/${target.model}`;
  return prices[name] ?? prices[name.replace(SNAPSHOT, "")];
}

/** What tokens cost, in US dollars, cached input at the full price; null without a known price. */
export function costOf(usage: Usage, price: Price | undefined): number | null {
  if (!price) return null;
  return (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
}

const amount = v.pipe(
  v.number("write a number of US dollars per million tokens"),
  v.minValue(0, "a price is 0 or more"),
);
const modelName = v.pipe(
  v.string(),
  v.check((name) => parseModelTarget(name) !== undefined, "write a model as openai/MODEL or anthropic/MODEL"),
);
const pricesFile = v.record(modelName, v.strictObject({ input: amount, output: amount }));

/**
 * Reads a prices file, `provider/model: { input: 0.25, output: 2 }` in US dollars per million tokens, and
 * lays it over the list prices.
 */
export function readPrices(text: string, name: string): PriceTable {
  return { ...LIST_PRICES, ...checkSource(readSource(text, name), pricesFile) };
}

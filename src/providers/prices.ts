import * as v from "valibot";
import { type ModelTarget, parseModelTarget } from "../domain/prompt/artifact.ts";
import { MODELS, withoutSnapshot } from "../domain/models/models.ts";
import { checkSource, readSource } from "../domain/prompt/source-document.ts";
import type { Price, PriceTable } from "./price.ts";
import type { Usage } from "./usage.ts";

/** List prices as the vendors publish them. A prices file adds to it and overrides it. */
export const LIST_PRICES: PriceTable = Object.fromEntries(
  Object.entries(MODELS).map(([name, { input, output = 0, cachedInput, cacheWrite }]) => [
    name,
    { input, output, cached_input: cachedInput, cache_write: cacheWrite },
  ]),
);

/** The price of a model, or undefined when the table does not have it. Never guessed from a similar name. */
export function priceOf(target: ModelTarget, prices: PriceTable = LIST_PRICES): Price | undefined {
  const name = `${target.provider}/${target.model}`;
  return prices[name] ?? prices[withoutSnapshot(name)] ?? prices[`${target.provider}/*`];
}

/** What tokens cost, in US dollars; null without a known price or usage. */
export function costOf(usage: Usage, price: Price | undefined): number | null {
  if (!price || usage.isUnknown) return null;
  const { inputTokens, cachedInputTokens = 0, cacheWriteTokens = 0, outputTokens } = usage;
  const { input, output, cached_input = input, cache_write = input } = price;
  const plain = inputTokens - cachedInputTokens - cacheWriteTokens;
  return (
    (plain * input +
      cachedInputTokens * cached_input +
      cacheWriteTokens * cache_write +
      outputTokens * output) /
    1_000_000
  );
}

const amount = v.pipe(
  v.number("write a number of US dollars per million tokens"),
  v.minValue(0, "a price is 0 or more"),
);
const modelName = v.pipe(
  v.string(),
  v.check((name) => parseModelTarget(name) !== undefined, "write a model as openai/MODEL or PROVIDER/MODEL"),
);
/** A price as it stands in a file. */
export const priceShape = v.strictObject({
  input: amount,
  output: amount,
  cached_input: v.optional(amount),
  cache_write: v.optional(amount),
});
const pricesFile = v.record(modelName, priceShape);

/**
 * Reads a prices file, `provider/model: { input: 0.25, output: 2, cached_input: 0.025 }` in US dollars per million
 * tokens, and lays it over other prices.
 */
export function readPrices(text: string, name: string, over: PriceTable = LIST_PRICES): PriceTable {
  return { ...over, ...checkSource(readSource(text, name), pricesFile) };
}

/** What 1,000 calls cost by so many tokens of input alone, in US dollars; null where the price is not known. */
export function textCost(model: string, tokens: number): number | null {
  const target = parseModelTarget(model);
  return costPerThousandCalls(target && priceOf(target), tokens);
}

/** The same by a price that is known; null where none is. */
export function costPerThousandCalls(price: Price | undefined, tokens: number): number | null {
  return price ? (tokens * price.input) / 1_000 : null;
}

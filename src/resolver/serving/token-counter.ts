import type { TokenCount } from "../../templates/tokens/byte-pairs.ts";
import { contextWindow } from "../../templates/tokens/context-windows.ts";
import type { TokenBudget } from "../../templates/tokens/token-budget.ts";
import { tokenizerOf } from "../../templates/tokens/token-encodings.ts";

export interface TokenOptions {
  /**
   * `estimate` (default) needs nothing and is within about 15 %. `exact` loads OpenAI's encodings (of
   * js-tiktoken) when the resolver is made, half a second once, and counts each of its models in its own;
   * models whose tokenizers are not public stay an estimate, a better one. Or a function of your own.
   */
  readonly count?: "estimate" | "exact" | ((text: string, model: string) => number);
  /** Context windows in tokens, by a model's name or its start: what the built-in registry does not know. */
  readonly windows?: Readonly<Record<string, number>>;
}

/** How messages are kept within the model's window; see `fitMessages` for what is left out first. */
export interface FitOptions {
  /** In tokens. Default: the model's, from the registry. */
  readonly window?: number;
  /** Tokens kept for the answer. Default: the artifact's max_tokens. */
  readonly output?: number;
  /** Share of the window left free. Default 0.1. */
  readonly headroom?: number;
}

/** Counts tokens for a `provider/model`. */
export interface TokenCounter {
  measure(text: string, model: string): TokenCount;
  /** The budget of a model; undefined when its window is not known. */
  budget(model: string, fit: FitOptions): TokenBudget | undefined;
}

export async function openTokenCounter(options: TokenOptions = {}): Promise<TokenCounter> {
  const measure = await openMeasure(options.count ?? "estimate");
  return {
    measure,
    budget(model, fit) {
      const window = fit.window ?? contextWindow(model, options.windows);
      if (window === undefined) return undefined;
      return { ...fit, window, count: (text) => measure(text, model).tokens };
    },
  };
}

async function openMeasure(how: NonNullable<TokenOptions["count"]>): Promise<TokenCounter["measure"]> {
  if (typeof how === "function") return (text, model) => ({ tokens: how(text, model), exact: true });
  if (how === "estimate")
    return (text, model) => ({
      tokens: Math.ceil(estimateTokens(text) * tokenizerOf(model).factor),
      exact: false,
    });
  const { loadBytePairs } = await import("../../templates/tokens/byte-pairs.ts");
  // Which model is asked for is known only when nothing may be waited for any more.
  const tables = {
    cl100k_base: await loadBytePairs("cl100k_base"),
    o200k_base: await loadBytePairs("o200k_base"),
  };
  return (text, model) => {
    const { encoding, factor, exact } = tokenizerOf(model);
    const count = tables[encoding].count(text);
    return { tokens: Math.ceil(count.tokens * factor), exact: exact && count.exact };
  };
}

/** The same of all that messages say. */
export function estimateMessageTokens(messages: readonly { readonly content: string }[]): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
}

/**
 * About how many tokens of o200k_base a text is, from its kinds of characters alone. The weights are a
 * least-squares fit to Markdown, code, JSON, prose and six languages; 90 % of 2 kB pieces are within
 * -15 % and +25 %.
 */
export function estimateTokens(text: string): number {
  let words = 0;
  let letters = 0;
  let digits = 0;
  let signs = 0;
  let otherScripts = 0;
  let ideographs = 0;
  let inWord = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const lower = code | 32;
    const isLetter = lower >= 97 && lower <= 122;
    if (isLetter) {
      letters++;
      if (!inWord) words++;
    } else if (code >= 48 && code <= 57) digits++;
    else if (code >= 0x2e80) ideographs++;
    else if (code >= 128) otherScripts++;
    else if (code > 32) signs++;
    inWord = isLetter;
  }
  return Math.ceil(
    0.8 * words + 0.12 * letters + 0.6 * digits + 0.58 * signs + 0.42 * otherScripts + 0.72 * ideographs,
  );
}

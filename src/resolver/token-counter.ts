import { contextWindow } from "../templates/context-windows.ts";
import type { TokenBudget } from "../templates/token-budget.ts";

export interface TokenOptions {
  /**
   * `estimate` (default) needs nothing and is within about 15 %. `exact` loads js-tiktoken when the
   * resolver is made, half a second once, and is exact for OpenAI's models; those of other vendors, whose
   * tokenizers are not public, stay an estimate, a better one. Or a function of your own.
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
  count(text: string, model: string): number;
  exact(model: string): boolean;
  /** The budget of a model; undefined when its window is not known. */
  budget(model: string, fit: FitOptions): TokenBudget | undefined;
}

/** Claude's tokenizer makes about this many tokens for one of o200k_base (measured on prose and JSON). */
const OTHER_VENDORS = 1.15;

export async function openTokenCounter(options: TokenOptions = {}): Promise<TokenCounter> {
  const { count: how = "estimate", windows = {} } = options;
  const isOpenAI = (model: string) => model.startsWith("openai/");
  let count = (text: string, model: string) =>
    Math.ceil(estimateTokens(text) * (isOpenAI(model) ? 1 : OTHER_VENDORS));
  if (typeof how === "function") count = how;
  if (how === "exact") {
    const { getEncoding } = await import("js-tiktoken");
    const encoding = getEncoding("o200k_base");
    count = (text, model) => {
      // No text is a special token here: it is all content.
      const tokens = encoding.encode(text, [], []).length;
      return isOpenAI(model) ? tokens : Math.ceil(tokens * OTHER_VENDORS);
    };
  }
  return {
    count,
    exact: (model) => typeof how === "function" || (how === "exact" && isOpenAI(model)),
    budget(model, fit) {
      const window = fit.window ?? contextWindow(model, windows);
      return window === undefined ? undefined : { ...fit, window, count: (text) => count(text, model) };
    },
  };
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

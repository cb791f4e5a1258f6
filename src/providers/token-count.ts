import { loadBytePairs, type TokenCount } from "../templates/tokens/byte-pairs.ts";
import { tokenizerOf } from "../templates/tokens/token-encodings.ts";

/**
 * Counts the tokens of a text for `provider/model`, in the model's own encoding where that is public; otherwise,
 * and where a single word is longer than anything real, an estimate.
 */
export async function countTokens(text: string, model: string): Promise<TokenCount> {
  const { encoding, factor, exact } = tokenizerOf(model);
  const count = (await loadBytePairs(encoding)).count(text);
  return { tokens: Math.ceil(count.tokens * factor), exact: exact && count.exact };
}

/** The encodings that a model of OpenAI counts in. */
export type EncodingName = "cl100k_base" | "o200k_base";

/**
 * Which encoding a model has, by the start of its name, longest first. What is not here (a newer family, another
 * vendor's model) has none that is public, and its tokens are an estimate.
 */
const ENCODINGS: readonly (readonly [start: string, encoding: EncodingName])[] = [
  ["gpt-5", "o200k_base"],
  ["gpt-4.5", "o200k_base"],
  ["gpt-4.1", "o200k_base"],
  ["gpt-4o", "o200k_base"],
  ["chatgpt-4o", "o200k_base"],
  ["gpt-oss", "o200k_base"],
  ["o1", "o200k_base"],
  ["o3", "o200k_base"],
  ["o4-mini", "o200k_base"],
  ["gpt-4", "cl100k_base"],
  ["gpt-3.5", "cl100k_base"],
  ["gpt-35", "cl100k_base"],
  ["text-embedding-3", "cl100k_base"],
  ["text-embedding-ada-002", "cl100k_base"],
];

/** The encoding of a `provider/model`; undefined where nobody has published one. */
function encodingOf(model: string): EncodingName | undefined {
  if (!model.startsWith("openai/")) return undefined;
  const name = model.slice("openai/".length).replace(/^ft:/, "");
  return ENCODINGS.find(([start]) => name.startsWith(start) && !/[\d]/.test(name.charAt(start.length)))?.[1];
}

/** How the tokens of a model are counted: in an encoding, times a factor where that is not the model's own. */
export interface Tokenizer {
  readonly encoding: EncodingName;
  readonly factor: number;
  readonly exact: boolean;
}

/** Claude's tokenizer makes about this many tokens for one of o200k_base (measured on prose and JSON). */
const OTHER_VENDORS = 1.15;

export function tokenizerOf(model: string): Tokenizer {
  const encoding = encodingOf(model);
  if (encoding) return { encoding, factor: 1, exact: true };
  return { encoding: "o200k_base", factor: model.startsWith("openai/") ? 1 : OTHER_VENDORS, exact: false };
}

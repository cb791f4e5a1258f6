import { normaliseModel } from "../domain/scope.ts";

/**
 * Tokens of input and output together, by the start of a model's name, as the vendors publish them.
 * Where a vendor sells a larger window under conditions, this is the one that everybody has.
 */
export const CONTEXT_WINDOWS: Readonly<Record<string, number>> = {
  "gpt-5": 400_000,
  "gpt-4.1": 1_047_576,
  "gpt-4.5": 128_000,
  "gpt-4o": 128_000,
  "gpt-4-turbo": 128_000,
  "gpt-4": 8_192,
  "gpt-3.5-turbo": 16_385,
  o1: 200_000,
  o3: 200_000,
  o4: 200_000,
  claude: 200_000,
};

/**
 * The context window of a model in tokens; undefined when nobody said. `own` extends the registry or
 * corrects it, by a model's whole name or by its start; the longest name that fits is used, so
 * `gpt-4o-2024-11-20` is a `gpt-4o` and no `gpt-4`.
 */
export function contextWindow(model: string, own: Readonly<Record<string, number>> = {}): number | undefined {
  // Bedrock writes the vendor before the name: `anthropic.claude-…`.
  const name = normaliseModel(model).replace(/^[a-z]+\.(?=[a-z])/, "");
  let best: { readonly length: number; readonly tokens: number } | undefined;
  for (const registry of [CONTEXT_WINDOWS, own])
    for (const [key, tokens] of Object.entries(registry)) {
      const start = normaliseModel(key);
      if (!isStartOf(start, name)) continue;
      if (!best || start.length >= best.length) best = { length: start.length, tokens };
    }
  return best?.tokens;
}

/** A name's start ends where a part ends: `o1` begins `o1-mini`, not `o10`. */
function isStartOf(start: string, name: string): boolean {
  return name.startsWith(start) && !/[a-z0-9]/.test(name.charAt(start.length));
}

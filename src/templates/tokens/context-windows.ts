import { MODELS } from "../../domain/models/models.ts";
import { normaliseModel } from "../../domain/scope.ts";

/** By a model's name, without its provider. */
const WINDOWS: Readonly<Record<string, number>> = {
  // For a Claude that the table does not have (any more): what all of them take.
  claude: Math.min(...windowsOf("anthropic/").map(([, tokens]) => tokens)),
  ...Object.fromEntries([...windowsOf("openai/"), ...windowsOf("anthropic/")]),
};

function windowsOf(vendor: string): [string, number][] {
  return Object.entries(MODELS).flatMap(([name, { window }]): [string, number][] =>
    name.startsWith(vendor) && window !== undefined ? [[name.slice(vendor.length), window]] : [],
  );
}

/**
 * How much input a model takes, in tokens; undefined when nobody said. `own` extends the registry and comes before
 * it, by a model's whole name or by its start; the longest name that fits is used, so `gpt-4o-2024-11-20` is a
 * `gpt-4o` and no `gpt-4`.
 */
export function contextWindow(model: string, own: Readonly<Record<string, number>> = {}): number | undefined {
  // Bedrock writes the vendor before the name: `anthropic.claude-…`.
  const name = normaliseModel(model).replace(/^[a-z]+\.(?=[a-z])/, "");
  const named = Object.fromEntries(Object.entries(own).map(([key, tokens]) => [normaliseModel(key), tokens]));
  return longest(named, name) ?? longest(WINDOWS, name);
}

function longest(registry: Readonly<Record<string, number>>, name: string): number | undefined {
  let best: string | undefined;
  for (const start of Object.keys(registry))
    if (isStartOf(start, name) && start.length > (best?.length ?? 0)) best = start;
  return best === undefined ? undefined : registry[best];
}

/** A name's start ends where a part ends: `o1` begins `o1-mini`, not `o10`; `gpt-4` not `gpt-4.5`. */
function isStartOf(start: string, name: string): boolean {
  return name.startsWith(start) && !/[a-z0-9.]/.test(name.charAt(start.length));
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** Providers that are no chat models of the two vendors, or not of texts alone. */
const OTHER =
  /^openai:(?:responses|image|video|realtime|audio|speech|transcription|assistant|completion|embeddings?|moderation|chatkit|agents|codex-sdk|codex)\b|^anthropic:claude-agent-sdk|audio/;

/** Every configuration below a folder whose providers are chat models of openai and anthropic alone; `all` lifts that. */
export function findConfigurations(folder: string, all: boolean): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name) && !/(?:^|\/)(?:node_modules|\.git)\//.test(name))
    .toSorted()
    .map((name) => join(folder, name))
    .filter((file) => {
      const ids = providersOf(file);
      return (
        ids.length > 0 && (all || ids.every((id) => /^(?:openai|anthropic):/.test(id) && !OTHER.test(id)))
      );
    });
}

function providersOf(file: string): string[] {
  let value: unknown;
  try {
    value = parse(readFileSync(file, "utf8"), { merge: true, logLevel: "silent" });
  } catch {
    return [];
  }
  if (typeof value !== "object" || value === null) return [];
  const { providers, targets } = value as { providers?: unknown; targets?: unknown };
  const list = [providers ?? targets ?? []].flat();
  return list.map((one) =>
    typeof one === "object" && one !== null
      ? ((one as { id?: string }).id ?? Object.keys(one)[0]!)
      : `${one as string}`,
  );
}

import type { Artifact } from "../../domain/prompt/artifact.ts";
import { counted } from "../../domain/text/counted.ts";
import { countTokens } from "../../providers/token-count.ts";
import { fixedPrefix, LEAST_CACHED_TOKENS } from "../../templates/fixed-prefix.ts";

/**
 * What a version destroys of what the vendor's prompt cache keeps of the live one: its fixed text is still long, and
 * stands behind a value. Undefined where it does not.
 */
export async function lostPromptCache(
  live: Artifact,
  candidate: Artifact,
  fixedTokens: number,
): Promise<string | undefined> {
  const tokensOf = async (artifact: Artifact) =>
    (await countTokens(fixedPrefix(artifact).text, artifact.model)).tokens;
  const before = await tokensOf(live);
  if (before < LEAST_CACHED_TOKENS) return undefined;
  const now = await tokensOf(candidate);
  const isLost = now < LEAST_CACHED_TOKENS ? fixedTokens >= LEAST_CACHED_TOKENS : now < before / 2;
  if (!isLost || fixedTokens < now * 1.5) return undefined;
  return `a vendor's prompt cache keeps the first ${counted(before, "token")} of the live version, and of this one ${now < LEAST_CACHED_TOKENS ? "nothing" : `${now}`}, of ${fixedTokens} that are fixed: put the fixed text before the first variable`;
}

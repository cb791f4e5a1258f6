import type { Artifact } from "../../domain/prompt/artifact.ts";
import { artifactTexts } from "./artifact-texts.ts";
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

const PRESET = "@secretlint/secretlint-rule-preset-recommend";

/** Secrets in the texts of a version, and where. */
export async function secretsIn(
  artifact: Artifact,
): Promise<{ readonly place: string; readonly kind: string }[]> {
  const found: { place: string; kind: string }[] = [];
  for (const { place, text } of artifactTexts(artifact))
    for (const kind of await findSecrets(text)) found.push({ place, kind });
  return found;
}

/** Secrets in a text (keys and tokens of known vendors, private keys), by what they are; never their value. */
export async function findSecrets(text: string): Promise<string[]> {
  const { messages } = await lintSource({
    source: { content: text, filePath: "prompt.txt", ext: ".txt", contentType: "text" },
    options: {
      config: { rules: [{ id: PRESET, rule: creator, options: {} }] },
      maskSecrets: true,
      noPhysicFilePath: true,
    },
  });
  // "found GitHub Token(…): ****": what stands before the colon names the kind.
  return messages.map(({ message }) => message.split(":", 1)[0]!.replace(/^found /i, ""));
}

/** The prompts that everybody is measured with: 64 of them, 2 kB of text with 8 variables, a 5 % canary on each. */
import { randomUUID } from "node:crypto";
import type { Artifact } from "../src/domain/prompt/artifact.ts";
import { createResolver, MemorySource, type Resolver } from "../src/resolver/index.ts";

export const PROMPTS: readonly string[] = Array.from({ length: 64 }, (_, i) => `prompt-${i}`);
/** Texts in one piece each, as whoever reads them from a request has them. */
function read<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

export const UNITS: readonly string[] = read(Array.from({ length: 1_000 }, () => randomUUID()));
const NAMES = Array.from({ length: 8 }, (_, i) => `value${i}`);
export const VALUES: Readonly<Record<string, string>> = read(
  Object.fromEntries(NAMES.map((name, i) => [name, `what is put in for value ${i}`])),
);
const SENTENCE =
  "You answer questions of customers about what they have bought, briefly, kindly and truthfully; when you do not know, you say so. ";
/** About 2 kB in Langfuse's own syntax, which is mustache's, and jinja's where it only substitutes. */
export const TEXT: string = NAMES.map((name) => `${(SENTENCE + SENTENCE).slice(0, 236)}{{${name}}}. `).join(
  "",
);

function artifact(syntax: Artifact["syntax"], text: string): Artifact {
  return {
    syntax,
    model: "openai/gpt-5.4-mini",
    params: { temperature: 0.2 },
    variables: Object.fromEntries(NAMES.map((name) => [name, { type: "string", required: true }])),
    messages: [{ role: "user", content: text }],
  };
}

/** A resolver with everything in memory. */
export async function openOurs(syntax: Artifact["syntax"] = "mustache"): Promise<Resolver> {
  const source = new MemorySource();
  for (const prompt of PROMPTS)
    source.setPointer(
      { label: "production", prompt },
      {
        active: source.addVersion(prompt, artifact(syntax, TEXT)),
        candidate: source.addVersion(prompt, artifact(syntax, `${TEXT}!`)),
        mode: "canary",
        share: 500,
        salt: randomUUID(),
        epoch: 1,
        rolloutId: randomUUID(),
        leaseMs: 1e9,
      },
    );
  return createResolver({ source, preload: PROMPTS, onWarning: () => undefined });
}

import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { TestCase } from "../dataset/dataset.ts";

/** Shortest text, in characters, that is not shared by chance. */
const LEAST = 12;

/**
 * Cases whose question or expected answer stands among a version's own few-shot examples: such a case
 * measures memory, not skill. One warning a case.
 */
export function findLeaks(cases: readonly TestCase[], artifact: Artifact): string[] {
  const examples = artifact.examples ?? [];
  if (examples.length === 0) return [];
  const inputs = indexOf(examples.map(({ input }) => input));
  const outputs = indexOf(examples.map(({ output }) => output));
  const warnings: string[] = [];
  for (const { vars, assert, where } of cases) {
    const inputMatches = Object.values(vars).map((value) => inputs.get(normal(value)));
    const expected = assert.map(({ type, value }) =>
      type === "equals" ? outputs.get(normal(value)) : undefined,
    );
    const found = [...inputMatches, ...expected].find((index) => index !== undefined);
    if (found !== undefined)
      warnings.push(`${where}: the case is also example ${found + 1} of the prompt, so it proves nothing`);
  }
  return warnings;
}

function indexOf(texts: readonly string[]): Map<string, number> {
  const index = new Map(texts.map((text, at) => [normal(text), at]));
  index.delete("");
  return index;
}

/** A text as it is compared; empty when it is too short to tell anything. */
function normal(value: unknown): string {
  const text = typeof value === "string" ? value.toLowerCase().replace(/\s+/g, " ").trim() : "";
  return text.length < LEAST ? "" : text;
}

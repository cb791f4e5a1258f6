import { describe, expect, it } from "vitest";
import type { Outcome, Phase } from "../../src/domain/rollout/rollout.ts";
import { readPage } from "./markdown.ts";

/** The compiler asks for each of them. */
const PHASES: Readonly<Record<Phase, true>> = {
  validating: true,
  evaluating: true,
  awaiting_approval: true,
  canary: true,
  promoting: true,
  watching: true,
  rolling_back: true,
  done: true,
};
const OUTCOMES: Readonly<Record<Outcome, true>> = {
  promoted: true,
  rolled_back: true,
  rejected: true,
  inconclusive: true,
  aborted: true,
  superseded: true,
  failed: true,
};

const rows = readPage("docs/glossary.md")
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2)
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, word, meaning]) => ({ word: word!, meaning: meaning! }));

describe("the glossary", () => {
  it("has each word once, in the order of the alphabet, with one sentence", () => {
    const words = rows.map(({ word }) => word);
    expect(words.length).toBeGreaterThan(60);
    expect(words).toEqual([...new Set(words)].toSorted((a, b) => a.localeCompare(b, "en")));
    for (const { word, meaning } of rows) {
      expect(meaning.length, word).toBeGreaterThan(10);
      expect(meaning, word).not.toMatch(/\. /);
    }
  });

  it("has every phase and every outcome of a rollout", () => {
    const words = new Set(rows.map(({ word }) => word));
    expect(Object.keys({ ...PHASES, ...OUTCOMES }).filter((word) => !words.has(word))).toEqual([]);
  });
});

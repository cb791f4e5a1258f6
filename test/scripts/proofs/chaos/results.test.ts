import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Results } from "../../../../scripts/proofs/chaos/results.ts";

const OLD = { code: "0ld", commit: "aaaaaaa" };
const NEW = { code: "new", commit: "bbbbbbb" };
const RAN = { operations: 40, rollouts: 8, resolutions: 7_000, violations: {} };
const VIOLATED = { ...RAN, violations: { "a rule": 2 } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-results-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("what schedules have come to", () => {
  it("adds up from run to run, and holds for the code that was tried alone", () => {
    const path = join(folder, "results.jsonl");
    const old = new Results(path, OLD);
    old.add({ seed: 1, ...RAN });
    old.add({ seed: 2, ...VIOLATED });
    old.add({ seed: 3, ...VIOLATED });
    old.add({ seed: 3, ...RAN });
    const again = new Results(path, OLD);
    expect([1, 2, 3, 4].map((seed) => again.holds(seed))).toEqual([true, false, true, false]);
    expect(again.summary).toMatch(/^2 of 3 seeds hold with this code \(0ld\), 2 of 3 with the code/);

    const mended = new Results(path, NEW);
    expect(mended.holds(1)).toBe(false);
    mended.add({ seed: 2, ...RAN });
    expect(mended.holds(2)).toBe(true);
    expect(mended.summary).toMatch(/^1 of 1 seeds hold with this code \(new\), 3 of 3 with the code/);
    expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(5);
  });
});

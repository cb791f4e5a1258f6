import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RULES } from "../../scripts/proofs/chaos/check-history.ts";
import { assertApplies, plantedFaults } from "../../scripts/planted-fault.ts";
import { brokenPromises, keptPromises } from "../../scripts/proofs/promises/kept-promises.ts";

const PROOFS = join(import.meta.dirname, "..", "..", "scripts", "proofs");
const planted = readdirSync(PROOFS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: proof }) => plantedFaults(proof).map((fault) => ({ proof, ...fault })));

describe("faults that are planted to try a proof", () => {
  it("are there", () => {
    expect(planted.length).toBeGreaterThan(0);
  });

  it.each(planted)("apply to the code as it is: $proof, $name", (fault) => {
    expect(() => assertApplies(fault)).not.toThrow();
  });

  it.each(planted.filter(({ proof }) => proof === "chaos"))(
    "break a rule that the checker knows by that name: $name",
    ({ violates }) => {
      for (const rule of violates) expect(Object.keys(RULES)).toContain(rule);
    },
  );
});

describe("promises that are broken to try their tests", () => {
  const broken = brokenPromises();
  /** Of what was recorded before, which no fault in the code changes. */
  const RECORDED = "has nothing of what was asked, answered or reported: %s";

  it.each(broken)("apply to the code as it is: $name", (fault) => {
    expect(() => assertApplies(fault)).not.toThrow();
  });

  it("are all of the page, by the names of their tests", () => {
    const words = new Set(keptPromises().map((kept) => kept.words));
    words.delete(RECORDED);
    expect([...new Set(broken.flatMap(({ violates }) => violates))].toSorted()).toEqual(
      [...words].toSorted(),
    );
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { medianUnbiased } from "../../../src/statistics/index.ts";
import { sampler, seededRandom } from "../../../src/statistics/planning/seeded-random.ts";

const file = new URL("../../fixtures/median-unbiased-values.json", import.meta.url);
const { values } = JSON.parse(readFileSync(file, "utf8")) as {
  values: { alpha: number; information: number; se: number; drift: number; effect: number }[];
};

describe("The median-unbiased estimate at the promotion boundary", () => {
  it.each(values)("agrees with SciPy at alpha $alpha, t $information", ({ drift, effect, ...input }) => {
    const found = medianUnbiased(input);
    expect(found.ok && Math.abs(found.drift / drift - 1)).toBeLessThan(1e-8);
    expect(found.ok && Math.abs(found.effect / effect - 1)).toBeLessThan(1e-8);
  });

  it("is too large as often as too small, where the estimate at the stop is too large more often", () => {
    const random = seededRandom(8);
    const draw = sampler(random);
    const [looks, truth, c] = [400, 3, 2.241402727604945];
    const found = { runs: 0, fairAbove: 0, plainAbove: 0 };
    for (let run = 0; run < 1500; run++) {
      let b = 0;
      for (let k = 1; k <= looks; k++) {
        b += truth / looks + draw.normal() / Math.sqrt(looks);
        if (b < c) continue;
        const t = k / looks;
        // In units of the standard error at the end.
        const estimate = medianUnbiased({ alpha: 0.025, information: t, se: 1 / Math.sqrt(t) });
        found.runs++;
        if (estimate.ok && estimate.effect > truth) found.fairAbove++;
        if (b / t > truth) found.plainAbove++;
        break;
      }
    }
    // Of the runs that stop; those that never do would be on the other side.
    expect(found.plainAbove / 1500).toBeGreaterThan(0.55);
    expect(Math.abs(found.fairAbove / 1500 - 0.5)).toBeLessThan(0.04);
  });

  it("is nothing without information or an error", () => {
    expect(medianUnbiased({ alpha: 0.025, information: 0, se: 1 })).toMatchObject({ ok: false });
    expect(medianUnbiased({ alpha: 0.025, information: 0.5, se: 0 })).toMatchObject({ ok: false });
  });
});

import { describe, expect, it } from "vitest";
import { plan } from "../../src/statistics/plan.ts";
import { seededRandom } from "../../src/statistics/seeded-random.ts";
import { simulate } from "../../src/statistics/simulate.ts";
import { CANARY, METRICS } from "./canary-evidence.ts";

const history = {
  success: { n: 5000, mean: 0.8, sd: 0.4 },
  latency_ms: { n: 5000, mean: 1000, sd: 800 },
  error: { n: 5000, mean: 0.01, sd: 0.1 },
};
const input = { canary: CANARY, metrics: METRICS, history, unitsPerDay: 5000 };

describe("A plan", () => {
  it("says how many units each metric needs, how long that takes and how likely a harmless version passes", () => {
    const { metrics, unitsPerArm, unitsTotal, days, harmlessPromoted, warnings } = plan(input);
    const [success, latency, error] = metrics;
    expect(success).toMatchObject({ margin: 0.02, unitsNeeded: expect.closeTo(7632, -2) });
    expect(latency!.unitsNeeded).toBeLessThan(success!.unitsNeeded!);
    expect(error).toMatchObject({ claim: "harmless", unitsNeeded: null, chance: 1 });
    expect(unitsPerArm).toBe(success!.unitsNeeded);
    expect(unitsTotal).toBe(2 * unitsPerArm!);
    expect(days).toBeGreaterThan(3);
    expect(days).toBeLessThan(4);
    expect(harmlessPromoted).toBeCloseTo(0.904, 2);
    expect(warnings).toEqual([]);
  });

  it("agrees with a simulation of the same policy", () => {
    const truth = {
      success: { baseline: { rate: 0.8 } },
      latency_ms: { baseline: { mean: 1000, sd: 800 }, skewed: true },
      error: { baseline: { rate: 0.01 } },
    };
    const { promoted } = simulate(
      { canary: CANARY, metrics: METRICS, truth, unitsPerLook: 200, lookEveryMs: 3_600_000 },
      { runs: 150, random: seededRandom(1) },
    );
    expect(Math.abs(promoted - plan(input).harmlessPromoted!)).toBeLessThan(0.08);
  });

  it("warns when the time does not suffice, and says what could be found in it", () => {
    const { warnings, days, unitsReachable, metrics } = plan({ ...input, unitsPerDay: 400 });
    expect(days).toBeGreaterThan(14);
    expect(unitsReachable).toBeLessThan(9000);
    expect(metrics[0]!.smallestMargin).toBeGreaterThan(0.02);
    expect(warnings.join()).toContain("longer than max_duration (14 days)");
  });

  it("warns when the units allowed do not suffice", () => {
    const { warnings, metrics } = plan({ ...input, canary: { ...CANARY, max_units: 2000 } });
    expect(metrics[0]!.unitsNeeded).toBeGreaterThan(2000);
    expect(warnings.join()).toMatch(/success needs about 6,\d+ units an arm, more than the 2,000 allowed/);
  });

  it("warns of what it does not know instead of guessing", () => {
    const { warnings, unitsPerArm, harmlessPromoted } = plan({ ...input, history: {}, unitsPerDay: null });
    expect(unitsPerArm).toBeNull();
    expect(harmlessPromoted).toBeNull();
    expect(warnings.join()).toContain("success has no history yet");
    expect(warnings.join()).toContain("traffic is not known");
  });

  it("says that a superior claim promotes next to no version that is merely as good", () => {
    const canary = {
      ...CANARY,
      goal: { metric: "success", direction: "higher", claim: "superior" } as const,
    };
    const { warnings, harmlessPromoted } = plan({ ...input, canary });
    expect(harmlessPromoted).toBeLessThanOrEqual(0.025);
    expect(warnings.join()).toContain("must prove superior");
  });

  it("holds no number that is not one, without traffic or with a last stage out of reach", () => {
    for (const unitsPerDay of [0, 1, 1e-300, 1e12]) {
      const text = JSON.stringify(plan({ ...input, unitsPerDay }), (_, value: unknown) =>
        typeof value === "number" && !Number.isFinite(value) ? "BROKEN" : value,
      );
      expect(text).not.toContain("BROKEN");
    }
    expect(plan({ ...input, unitsPerDay: 0 }).warnings.join()).toContain("without traffic");
  });
});

import { describe, expect, it } from "vitest";
import { plan } from "../../../src/statistics/planning/plan.ts";
import { CANARY, METRICS } from "../canary-evidence.ts";

const history = {
  success: { n: 5000, mean: 0.8, sd: 0.4 },
  latency_ms: { n: 5000, mean: 1000, sd: 800 },
  error: { n: 5000, mean: 0.01, sd: 0.1 },
};
const input = { canary: CANARY, metrics: METRICS, history, unitsPerDay: 5000, runs: 0 };

describe("A plan", () => {
  it("says how many units each metric needs, how long that takes and how likely a harmless version passes", () => {
    const { metrics, unitsPerArm, unitsTotal, days, harmlessPromoted, warnings } = plan(input);
    const [success, latency, error] = metrics;
    expect(success).toMatchObject({ margin: 0.02, unitsNeeded: expect.closeTo(7632, -2) });
    expect(latency!.unitsNeeded).toBeLessThan(success!.unitsNeeded!);
    expect(error).toMatchObject({ claim: "limit", unitsNeeded: expect.closeTo(7509, -2) as number });
    expect(unitsPerArm).toBe(success!.unitsNeeded);
    expect(unitsTotal).toBe(2 * unitsPerArm!);
    expect(days).toBeGreaterThan(3);
    expect(days).toBeLessThan(4);
    expect(harmlessPromoted).toBeCloseTo(0.904 * error!.chance!, 2);
    expect(warnings).toEqual([]);
  });

  it("says which metric decides the length, and what the others would need without it", () => {
    const { decidesLength, metrics } = plan(input);
    expect(decidesLength).toEqual({ metric: "success", withoutIt: metrics[2]!.unitsNeeded });
    expect(plan({ ...input, canary: { ...CANARY, guardrails: [] } }).decidesLength).toBeNull();
  });

  it("says what harm a holdback of its size and time can still see, next to what the canary sees", () => {
    const watch = (holdback: number, hours: number) =>
      plan({ ...input, watch: { holdback, for_ms: hours * 3_600_000 } }).metrics[0]!;
    const day = watch(500, 24);
    expect(day.holdbackHarm).toBeGreaterThan(day.smallestHarm!);
    // Four times the units see about half the harm.
    expect(watch(2000, 24).holdbackHarm! / day.holdbackHarm!).toBeCloseTo(0.5, 1);
    expect(watch(500, 96).holdbackHarm).toBeCloseTo(watch(2000, 24).holdbackHarm!, 12);
    expect(plan(input).metrics[0]!.holdbackHarm).toBeNull();
    expect(watch(1, 0.001).holdbackHarm).toBeNull();
  });

  it("takes all metrics together, with windows to wait for and false alarms taken off", () => {
    const metrics = {
      ...METRICS,
      success: { ...METRICS["success"]!, window_ms: 24 * 3_600_000 },
    };
    const canary = { ...CANARY, guardrails: [] };
    const alone = plan({ ...input, canary, metrics });
    const joint = plan({ ...input, canary, metrics, runs: 40 });
    // A day of enrolment goes on while the first day's windows are open, and the stage waits for them.
    expect(joint.unitsPerArm).toBeGreaterThan(1.1 * alone.unitsPerArm!);
    expect(joint.days).toBeGreaterThan(alone.days! + 0.5);
    expect(joint.harmlessPromoted! + joint.harmlessRolledBack!).toBeLessThanOrEqual(1);
    expect(joint.harmlessPromoted).toBeGreaterThan(0.7);
    const again = () => plan({ ...input, canary, metrics, runs: 2 });
    expect(again()).toEqual(again());
  });

  it("says the chances of a version that is worse within the margin, under both tolerances", () => {
    const goal = { ...CANARY.goal, margin: { kind: "absolute", value: 0.05 } } as const;
    const { tolerance } = plan({ ...input, canary: { ...CANARY, goal, guardrails: [] }, runs: 60 });
    expect(tolerance!.worseBy).toBeCloseTo(0.02, 12);
    expect(tolerance!.zero.rolledBack).toBeGreaterThan(tolerance!.margin.rolledBack + 0.1);
    expect(tolerance!.margin.promoted).toBeGreaterThanOrEqual(tolerance!.zero.promoted);
    expect(plan(input).tolerance).toBeNull();
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

  it("offers one guardrail in the place of several that must each be shown", () => {
    const rail = (metric: string) => ({ metric, direction: "lower", tolerated_ratio: 1.5 }) as const;
    const canary = { ...CANARY, guardrails: [rail("error"), rail("refusal")] };
    const metrics = { ...METRICS, refusal: METRICS["error"]! };
    expect(plan({ ...input, canary, metrics }).warnings.join()).toContain(
      "2 guardrails of rare events (error, refusal) must each be shown to be kept: one guardrail any_trouble",
    );
    expect(plan(input).warnings.join()).not.toContain("any_trouble");
  });

  it("warns of what it does not know instead of guessing", () => {
    const { warnings, unitsPerArm, harmlessPromoted } = plan({ ...input, history: {}, unitsPerDay: null });
    expect(unitsPerArm).toBeNull();
    expect(harmlessPromoted).toBeNull();
    expect(warnings.join()).toContain("success, latency_ms and error have no history yet");
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

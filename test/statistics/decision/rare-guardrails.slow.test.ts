import { describe, expect, it } from "vitest";
import type { Guardrail, MetricSpec } from "../../../src/domain/policy/policy.ts";
import { assess, type AssessmentInput } from "../../../src/statistics/decision/assessment.ts";
import { sampler, seededRandom } from "../../../src/statistics/planning/seeded-random.ts";
import { CANARY, epoch, METRICS, rate, tick } from "../canary-evidence.ts";

const known = (of: number): MetricSpec => ({
  ...METRICS["error"]!,
  base_rate: { rate: of, units: 20_000, events: 20_000 * of },
});
const rail = (more: Partial<Guardrail> = {}): Guardrail => ({
  metric: "error",
  direction: "lower",
  tolerated_ratio: 1.5,
  ...more,
});

/** The standard canary with one rare guardrail, and a goal that is plainly met. */
function look(
  cells: AssessmentInput["cells"],
  spec: MetricSpec,
  rails: Guardrail = rail(),
  more: Partial<AssessmentInput> = {},
) {
  return assess(
    tick({
      canary: { ...CANARY, guardrails: [rails], fuses: [] },
      metrics: { ...METRICS, error: spec },
      cells,
      ...more,
    }),
  );
}

const both = (n: number, candidate: number, control = candidate) =>
  epoch(n, { success: 0.83, error: candidate }, { error: control });

describe("A rare guardrail", () => {
  it("has to be shown kept before a promotion: twice the errors are not promoted, though no harm is proven", () => {
    const twice = look(both(3000, 0.01, 0.005), known(0.005));
    expect(twice.verdict).toBe("continue");
    expect(twice.reason).toContain("error at most 0.847 %, 1.7 times today's 0.5 %");
    expect(look(both(9000, 0.005), known(0.005)).verdict).toBe("promote");
    expect(look(both(9000, 0), known(0.001)).verdict).toBe("promote");
  });

  it("that blocks by proven harm alone, by policy, says that it is not shown", () => {
    const { verdict, reason } = look(
      both(3000, 0.008, 0.005),
      known(0.005),
      rail({ proof: "harm_only" }),
      {},
    );
    expect(verdict).toBe("promote");
    expect(reason).toContain("error not shown, by policy");
  });

  it("prints the limit in force, and why it is not the ratio that was asked for", () => {
    const seldom = look(both(9000, 0.001), known(0.001)).evidence.find(({ metric }) => metric === "error")!;
    expect(seldom.note).toContain(
      "error at most 0.255 %, 2.6 times today's 0.1 % (as the units of the last 30 days had it): 1.5 times cannot be shown with 9,000 units an arm",
    );
    const often = look(both(9000, 0.03), known(0.03)).evidence.find(({ metric }) => metric === "error")!;
    expect(often.note).toContain("error at most 4.5 %, 1.5 times today's 3 %");
    const written = look(both(9000, 0.001), known(0.001), rail({ tolerated_increase: 0 }));
    expect(written.evidence.find(({ metric }) => metric === "error")!.note).toContain(
      "at most 0.15 %, 1.5 times",
    );
  });

  it("is harm beyond the limit in force, not beyond the ratio that could not be shown", () => {
    // 2.2 times of what happens to one unit in a thousand is under the limit of 2.6 times.
    const under = epoch(300_000, { success: 0.83, error: 0.0022 }, { error: 0.001 });
    const canary = { ...CANARY, max_units: 9000, guardrails: [rail()], fuses: [] };
    const of = (spec: MetricSpec) =>
      assess(tick({ canary, metrics: { ...METRICS, error: spec }, cells: under, stage: 1 }));
    expect(of(known(0.001)).verdict).not.toBe("harm");
    expect(look(both(3000, 0.02, 0.001), known(0.001)).verdict).toBe("harm");
  });

  it("takes the control's share from its 30th event on, once, and the control's at the last stage else", () => {
    const early = look(both(2000, 0.01), METRICS["error"]!, rail(), { stage: 0 });
    expect(early.baseRates).toEqual({});
    const later = look(both(3000, 0.01), METRICS["error"]!, rail(), { stage: 0 });
    expect(later.baseRates).toEqual({ error: { rate: 0.01, from: "control" } });
    const kept = look(both(9000, 0.02), METRICS["error"]!, rail(), { baseRates: later.baseRates! });
    expect(kept.baseRates).toEqual(later.baseRates);
    const last = look(both(1000, 0.002), METRICS["error"]!);
    expect(last.baseRates).toEqual({ error: { rate: 0.002, from: "last_stage" } });
    expect(last.evidence.find(({ metric }) => metric === "error")!.note).toContain("at most 0.7 %");
  });

  it("is promoted as rarely at its limit as a margin is, and a harmless version as often as the plan says", () => {
    const promoted = (p0: number, times: number, runs: number) => {
      const draw = sampler(seededRandom(12));
      let yes = 0;
      for (let run = 0; run < runs; run++) {
        let [x, y] = [0, 0];
        for (let n = 300; n <= 9000; n += 300) {
          x += draw.binomial(300, p0 * times);
          y += draw.binomial(300, p0);
          const cells = [
            ...epoch(n, { success: 0.84 }).filter(({ metric }) => metric === "success"),
            rate("candidate", "error", n, x / n),
            rate("control", "error", n, y / n),
          ];
          const { verdict } = look(cells, known(p0));
          if (verdict === "promote") yes++;
          if (verdict !== "continue") break;
        }
      }
      return yes / runs;
    };
    // At 0.5 % the limit is 1.67 times; of 400 runs, 3 % are 12 and the standard error of 2.5 % is 0.8 points.
    expect(promoted(0.005, 1, 150)).toBeGreaterThan(0.8);
    expect(promoted(0.005, 0.00847 / 0.005, 400)).toBeLessThanOrEqual(0.045);
    expect(promoted(0.005, 2, 200)).toBeLessThanOrEqual(0.01);
  });
});

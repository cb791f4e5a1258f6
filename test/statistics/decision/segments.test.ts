import { describe, expect, it } from "vitest";
import type { CanaryPolicy } from "../../../src/domain/policy/policy.ts";
import type { SegmentCell } from "../../../src/domain/rollout/verdict.ts";
import { assess } from "../../../src/statistics/decision/assessment.ts";
import { SEGMENT_VALUES } from "../../../src/statistics/decision/segments.ts";
import { sampler, seededRandom } from "../../../src/statistics/planning/seeded-random.ts";
import { CANARY, epoch, rate, tick } from "../canary-evidence.ts";

const ALONE: CanaryPolicy = { ...CANARY, guardrails: [], fuses: [], segments: ["language"] };

/** Units of one language: n an arm with these shares of successes. */
function language(value: string, n: number, candidate: number, control = 0.8): SegmentCell[] {
  return [rate("candidate", "success", n, candidate), rate("control", "success", n, control)].map((cell) => ({
    ...cell,
    segment: "language",
    value,
  }));
}

describe("Harm to a few", () => {
  it("rolls back, named with its segment, while all users together look fine", () => {
    const cells = epoch(2000, { success: 0.79 });
    expect(assess(tick({ canary: ALONE, cells })).verdict).toBe("continue");
    const { verdict, reason } = assess(
      tick({ canary: ALONE, cells, segments: [...language("en", 1900, 0.82), ...language("de", 60, 0.1)] }),
    );
    expect(verdict).toBe("harm");
    expect(reason).toContain("language=de: success is worse with the candidate");
  });

  it("is looked for also while a rollout is paused, and in the holdback", () => {
    const evidence = { canary: ALONE, cells: epoch(2000), segments: language("de", 100, 0.1) };
    expect(assess(tick({ ...evidence, frozen: true })).verdict).toBe("harm");
    expect(assess(tick({ ...evidence, mode: "holdback" })).verdict).toBe("harm");
  });

  it("promotes nothing and holds nothing: a segment that does better, or has too few units, changes no verdict", () => {
    const cells = epoch(1000);
    const without = assess(tick({ canary: ALONE, cells }));
    for (const segments of [language("de", 500, 0.99), language("de", 5, 0), []])
      expect(assess(tick({ canary: ALONE, cells, segments })).verdict).toBe(without.verdict);
  });

  it("has half of the false alarms, spread over as many values as there may be; all users together the other half", () => {
    const { evidence } = assess(
      tick({ canary: ALONE, cells: epoch(1000), segments: language("de", 500, 0.79) }),
    );
    expect(evidence.find(({ role }) => role === "segment")!.alpha).toBeCloseTo(0.025 / SEGMENT_VALUES, 12);
    expect(evidence.find(({ role }) => role === "goal")!.alpha).toBeCloseTo(0.025, 12);
    const whole = assess(tick({ canary: { ...ALONE, segments: undefined! }, cells: epoch(1000) }));
    expect(whole.evidence[0]!.alpha).toBeCloseTo(0.05, 12);
  });

  it("shows the worst few of many values, so that what a tick stores stays small", () => {
    const segments = Array.from({ length: 21 }, (_, i) => language(`l${i}`, 200, 0.8 - i / 60)).flat();
    const { evidence } = assess(tick({ canary: ALONE, cells: epoch(1000), segments }));
    const shown = evidence.filter(({ role }) => role === "segment");
    expect(shown).toHaveLength(5);
    expect(shown[0]!.segment).toBe("language=l20");
  });

  it("of 2 % of the users, who lose 80 points, is found within 2,500 units an arm in the median", () => {
    const draw = sampler(seededRandom(3));
    const found = Array.from({ length: 41 }, () => {
      const few = { candidate: { n: 0, x: 0 }, control: { n: 0, x: 0 } };
      for (let n = 50; ; n += 50) {
        const segments = (["candidate", "control"] as const).map((arm): SegmentCell => {
          const more = draw.binomial(50, 0.02);
          few[arm].n += more;
          few[arm].x += draw.binomial(more, arm === "candidate" ? 0.05 : 0.85);
          const share = few[arm].n === 0 ? 0 : few[arm].x / few[arm].n;
          return { ...rate(arm, "success", few[arm].n, share), segment: "language", value: "de" };
        });
        const cells = epoch(n, { success: 0.834 }, { success: 0.85 });
        if (assess(tick({ canary: ALONE, cells, segments })).verdict === "harm") return n;
      }
    }).toSorted((a, b) => a - b);
    expect(found[20]).toBeLessThan(2500);
  });
});

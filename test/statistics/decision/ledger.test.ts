import { describe, expect, it } from "vitest";
import type { Ledger, LedgerEntry } from "../../../src/domain/rollout/ledger.ts";
import type { CanaryPolicy } from "../../../src/domain/policy/policy.ts";
import { assess } from "../../../src/statistics/decision/assessment.ts";
import { attemptAlpha } from "../../../src/statistics/decision/promotion.ts";
import { normalQuantile } from "../../../src/statistics/distributions.ts";
import { CANARY, epoch, tick } from "../canary-evidence.ts";

const goal = { ...CANARY.goal, margin: { kind: "absolute", value: 0.05 } } as const;
const ALONE: CanaryPolicy = { ...CANARY, goal, guardrails: [], fuses: [] };

function ledger(metrics: Readonly<Record<string, LedgerEntry>>): Ledger {
  return { anchor: "id", anchorName: "support-reply@2", metrics };
}
const spent = (amount: number, steps = 3) => ledger({ success: { spent: amount, steps } });
const decide = (more: { success?: number; canary?: CanaryPolicy; ledger?: Ledger; attempt?: number }) => {
  const { success = 0.795, canary = ALONE, ...rest } = more;
  return assess(tick({ canary, cells: epoch(4000, { success }), ...rest }));
};

describe("Losses since the anchor", () => {
  it("leave the next version what is left of the margin to prove, and say so", () => {
    expect(decide({}).verdict).toBe("promote");
    expect(decide({ ledger: spent(0.01) }).verdict).toBe("promote");
    const held = decide({ ledger: spent(0.035) });
    expect(held.verdict).toBe("continue");
    expect(held.reason).toContain(
      "3 earlier promotions since support-reply@2 may have used 0.035 of the 0.05 that success may lose in all, so 0.015 is left: compare with the anchor",
    );
    expect(held.evidence[0]!.note).toContain("0.015 is left");
  });

  it("count as if what is left were the margin itself", () => {
    const margin = { ...goal, margin: { kind: "absolute", value: 0.02 } } as const;
    expect(decide({ ledger: spent(0.03) }).evidence[0]!.z).toBeCloseTo(
      decide({ canary: { ...ALONE, goal: margin } }).evidence[0]!.z!,
      9,
    );
  });

  it("let only a better version through when they have used up the margin", () => {
    const used = spent(0.05);
    expect(decide({ success: 0.8, ledger: used }).verdict).toBe("continue");
    expect(decide({ success: 0.8, ledger: used }).reason).toContain("it has to be better");
    expect(decide({ success: 0.85, ledger: used }).verdict).toBe("promote");
  });

  it("count against total_margin where the policy has one, and gains make room for no more than one margin", () => {
    const canary = { ...ALONE, total_margin: { kind: "absolute", value: 0.1 } } as const;
    expect(decide({ canary, ledger: spent(0.05) }).verdict).toBe("promote");
    expect(decide({ canary, ledger: spent(0.09) }).verdict).toBe("continue");
    expect(decide({ ledger: spent(-0.2) }).evidence[0]!.z).toBe(decide({}).evidence[0]!.z);
  });

  it("are entered by a look that promotes: the loss and its error, a part where the margin is relative", () => {
    const rail = {
      metric: "latency_ms",
      direction: "lower",
      margin: { kind: "relative", value: 0.1 },
    } as const;
    const { verdict, evidence } = assess(
      tick({
        canary: { ...ALONE, guardrails: [rail] },
        cells: epoch(8000, { success: 0.79, latency: 1020 }),
      }),
    );
    expect(verdict).toBe("promote");
    expect(evidence[0]!.step!.loss).toBeCloseTo(0.01, 9);
    expect(evidence[0]!.step!.se).toBeCloseTo(Math.sqrt((0.79 * 0.21 + 0.8 * 0.2) / 7999), 9);
    expect(evidence[1]!.step!.loss).toBeCloseTo(0.02, 9);
    expect(decide({ ledger: spent(0.035) }).evidence[0]!.step).toBeUndefined();
  });
});

describe("The same content tried again", () => {
  it("is decided more strictly each time, and all attempts together at most at .035", () => {
    const needed = (attempt: number) => decide({ attempt }).evidence[0]!.boundary!;
    const root = Math.sqrt(4000 / ALONE.max_units);
    expect(needed(1)).toBeCloseTo(2.241402727604945 / root, 9);
    expect(needed(2)).toBeCloseTo(-normalQuantile((0.025 * 6) / (Math.PI * 2) ** 2 / 2) / root, 9);
    expect(needed(3)).toBeGreaterThan(needed(2));
    let all = 0;
    for (let attempt = 1; attempt <= 100_000; attempt++) all += attemptAlpha(attempt);
    expect(all).toBeLessThan(0.035);
  });
});

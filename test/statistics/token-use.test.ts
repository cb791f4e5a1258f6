import { describe, expect, it } from "vitest";
import { type CountedUse, isTokenAlert, tokenUseOf } from "../../src/statistics/token-use.ts";

const used = (version: number, tokens: number, rating: number, executions = 1_000): CountedUse => ({
  version,
  executions,
  metrics: [
    { metric: "rating", n: executions, mean: rating, sd: 1 },
    { metric: "tokens", n: executions, mean: tokens, sd: 20 },
    { metric: "cost_usd", n: executions, mean: tokens / 100_000, sd: null },
  ],
});
const alerts = (now: CountedUse, before: CountedUse) => {
  const use = tokenUseOf(now, before);
  return use && isTokenAlert(use);
};

describe("tokens of two versions", () => {
  it("raise the alert at 14 % more without better ratings, and with better ratings do not", () => {
    expect(alerts(used(8, 312, 4), used(7, 274, 4))).toBe(true);
    expect(alerts(used(8, 312, 4.2), used(7, 274, 4))).toBe(false);
    // 0.05 better, of a thousand each, may be nothing at all.
    expect(alerts(used(8, 312, 4.05), used(7, 274, 4))).toBe(true);
    expect(alerts(used(8, 300, 4), used(7, 274, 4))).toBe(false);
  });

  it("say nothing before each has had 200 calls", () => {
    expect(alerts(used(8, 312, 4, 199), used(7, 274, 4))).toBeUndefined();
    expect(alerts(used(8, 312, 4, 200), used(7, 274, 4, 200))).toBe(true);
  });

  it("are those that were sent and received, where they are counted apart, and cost what was recorded", () => {
    const apart = (sent: number, received: number): CountedUse => ({
      ...used(8, 1, 4),
      metrics: [
        { metric: "input_tokens", n: 900, mean: sent, sd: 1 },
        { metric: "output_tokens", n: 900, mean: received, sd: 1 },
      ],
    });
    expect(tokenUseOf(apart(200, 112), apart(200, 74))).toMatchObject({
      tokens: { now: 312, before: 274 },
      moreCost: null,
      better: null,
    });
    expect(tokenUseOf(used(8, 312, 4), used(7, 274, 4))?.moreCost).toBeCloseTo(0.38);
  });
});

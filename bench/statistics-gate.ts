import { gateVerdict } from "../src/statistics/gate.ts";
import { sampler, seededRandom } from "../src/statistics/planning/seeded-random.ts";
import type { Row } from "./row.ts";

/** A version 5 points worse (margin 5) at the gate. */
export function gateRows(seed: number): readonly Row[] {
  const random = seededRandom(seed);
  const draw = sampler(random);
  return [5, 20, 100].map((cases): Row => {
    const runs = 2000;
    let passed = 0;
    for (let i = 0; i < runs; i++) {
      const failed = draw.binomial(cases, 0.05);
      const { verdict } = gateVerdict({
        cases,
        passRate: 1 - failed / cases,
        minPassRate: 0,
        maxRegression: 0.05,
        pairs: { cases, worse: failed, better: 0 },
      });
      if (verdict === "pass") passed++;
    }
    const goal = cases === 100 ? 0.045 : 0;
    return {
      work: `gate, ${cases} cases, 5 points worse, margin 5: passed`,
      ours: passed / runs,
      unit: "of runs",
      peer: { 5: 0.78, 20: 0.37, 100: 0.12 }[cases]!,
      peerName: "paired t",
      limit: null,
      ratio: null,
      goal,
      met: passed / runs <= goal,
      runs,
    };
  });
}

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  coverageEvidence,
  decisionEdges,
  type AssessmentInput,
  farringtonManning,
  geometricMeans,
  leeBounds,
  rateAboveLimit,
} from "../../../src/statistics/index.ts";

/** `ratingHarm`, `errorRelease`: each edge by its metric. */
function edgesByName(input: AssessmentInput): Record<string, unknown> {
  const edges = decisionEdges(input).metrics.flatMap(({ metric, harm, release }) => [
    [`${metric}Harm`, harm?.edge],
    [`${metric}Release`, release?.edge],
  ]);
  return { ok: true, ...Object.fromEntries(edges) };
}

const FUNCTIONS = {
  coverageEvidence,
  decisionEdges: edgesByName,
  farringtonManning,
  geometricMeans,
  leeBounds,
  rateAboveLimit,
};

interface Value {
  readonly function: keyof typeof FUNCTIONS;
  readonly input: never;
  readonly expected: Readonly<Record<string, number>>;
  readonly rtol: number;
}

const file = new URL("../../fixtures/decision-values.json", import.meta.url);
const { values } = JSON.parse(readFileSync(file, "utf8")) as { values: Value[] };

/** What SciPy and statsmodels say, as scripts/reference-values/decision.py has written it down. */
describe("What feeds the decision agrees with SciPy and statsmodels", () => {
  for (const [index, value] of values.entries())
    it(`${value.function} ${index + 1}`, () => {
      const got = FUNCTIONS[value.function](value.input) as unknown as Record<string, unknown>;
      expect(got).toMatchObject({ ok: true });
      for (const [key, wanted] of Object.entries(value.expected)) {
        const error = Math.abs((got[key] as number) - wanted);
        expect(error, `${key}: got ${String(got[key])}, wanted ${wanted}`).toBeLessThanOrEqual(
          1e-10 + value.rtol * Math.abs(wanted),
        );
      }
    });
});

describe("What feeds the decision, where a formula has no answer", () => {
  const none = { x: 0, n: 9000 };

  it("a risk is shown under a difference without any event, and never under a ratio", () => {
    const difference = { form: "difference", value: 0.005 } as const;
    const ratio = { form: "ratio", value: 1.5 } as const;
    expect(farringtonManning({ candidate: none, control: none, against: difference })).toMatchObject({
      z: expect.closeTo(Math.sqrt((9000 * 0.005) / 0.995), 9) as number,
    });
    expect(farringtonManning({ candidate: none, control: none, against: ratio })).toMatchObject({ z: 0 });
  });

  it("says what is wrong instead of giving a number", () => {
    const wrong = [
      farringtonManning({ candidate: { x: 2, n: 1 }, control: none, against: { form: "ratio", value: 2 } }),
      farringtonManning({ candidate: none, control: none, against: { form: "ratio", value: 0.5 } }),
      rateAboveLimit({ x: 1, n: 2, limit: 1 }),
      rateAboveLimit({ x: 3, n: 2, limit: 0.1 }),
      coverageEvidence([{ candidate: { units: 1, n: 2 }, control: { units: 1, n: 1 } }]),
      geometricMeans({ candidate: { n: 5, mean: 1, m2: 1 }, control: { n: 5, mean: 1, m2: 1 }, margin: -1 }),
      leeBounds({
        candidate: { units: 1, values: { n: 2, mean: 1, m2: 0 } },
        control: { units: 1, values: { n: 0, mean: 0, m2: 0 } },
        binary: true,
      }),
    ];
    for (const result of wrong) expect(result).toMatchObject({ ok: false, reason: "invalid_input" });
  });
});

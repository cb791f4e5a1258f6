import { expect, it } from "vitest";
import type { CaseShares } from "../../src/domain/monitors/regate.ts";
import {
  compareWithReference,
  passRateOf,
  sharesOf,
} from "../../src/evaluation/verdict/compare-with-reference.ts";

const reference = (shares: CaseShares) => ({ cases: shares.length, passRate: passRateOf(shares)!, shares });
const all = (cases: number, passed: (index: number) => number, of: number): CaseShares =>
  Array.from({ length: cases }, (_, index) => [passed(index), of] as const);
const LEVEL = { margin: 0.03, alpha: 0.05 / 30 };
const own = (cases: number) => Array.from({ length: cases }, (_, index) => index);

it("tells a fall that is larger than the margin and no chance, and no smaller one", () => {
  const before = reference(all(100, () => 5, 5));
  const now = (failing: number) =>
    compareWithReference(
      all(100, (index) => Number(index >= failing), 1),
      before,
      {
        ...LEVEL,
        firstEqual: own(100),
      },
    )!;
  expect(now(0)).toMatchObject({ worse: false, regression: 0, passRate: 1 });
  expect(now(8)).toMatchObject({ worse: false, passRate: expect.closeTo(0.92) as number });
  expect(now(30)).toMatchObject({
    worse: true,
    passRate: expect.closeTo(0.7) as number,
    referencePassRate: 1,
    cases: 100,
  });
});

it("takes cases that are the same for one, and leaves out what one of them has no result of", () => {
  const before = reference(all(100, () => 5, 5));
  const failing = all(100, (index) => Number(index >= 30), 1);
  // The thirty that fail are one case, asked thirty times.
  const firstEqual = own(100).map((index) => (index < 30 ? 0 : index));
  expect(compareWithReference(failing, before, { ...LEVEL, firstEqual })!.worse).toBe(false);
  const partly = failing.map((share, index) => (index < 30 ? null : share));
  expect(compareWithReference(partly, before, { ...LEVEL, firstEqual: own(100) })).toMatchObject({
    cases: 70,
    worse: false,
    regression: 0,
  });
  const one = reference(all(1, () => 5, 5));
  expect(
    compareWithReference(
      all(1, () => 0, 1),
      one,
      { ...LEVEL, firstEqual: [0] },
    ),
  ).toBeUndefined();
});

it("counts how often each case passed of what has a result", () => {
  const result = (caseIndex: number, pass: boolean, error: string | null = null) =>
    ({ arm: "candidate", caseIndex, pass, error }) as const;
  expect(sharesOf(3, [result(0, true), result(0, false), result(1, true, "away"), result(2, true)])).toEqual([
    [1, 2],
    null,
    [1, 1],
  ]);
});

import { alphaOf, type CaseShares, REFERENCE_REPEATS } from "../../../src/domain/monitors/regate.ts";
import { compareWithReference, passRateOf } from "../../../src/evaluation/verdict/compare-with-reference.ts";

export interface Month {
  readonly cases: number;
  /** How much lower the chance to pass is of each case that is not hard anyway, from the 15th day on. */
  readonly fall: number;
}

const DAYS = 30;
export const FALLS_ON = 15;
const MARGIN = 0.03;
const HARD = 0.3;

/** The first day of a month of daily runs on which one would tell, from 1; undefined: on none. */
export function toldOn({ cases, fall }: Month, random: () => number): number | undefined {
  const chances = Array.from({ length: cases }, () => chance(random()));
  const asked = (times: number, lower: number): CaseShares =>
    chances.map((of) => {
      const passes = of > HARD ? of - lower : of;
      let passed = 0;
      for (let at = 0; at < times; at++) passed += Number(random() < passes);
      return [passed, times];
    });
  const shares = asked(REFERENCE_REPEATS, 0);
  const reference = { cases, passRate: passRateOf(shares)!, shares };
  const level = {
    firstEqual: chances.map((_, index) => index),
    margin: MARGIN,
    alpha: alphaOf({ every_ms: 86_400_000 }),
  };
  for (let day = 1; day <= DAYS; day++)
    if (compareWithReference(asked(1, day < FALLS_ON ? 0 : fall), reference, level)?.worse) return day;
  return undefined;
}

/** Most cases are easy, some pass half of the time, a few hardly ever. */
function chance(draw: number): number {
  if (draw < 0.6) return 0.98;
  if (draw < 0.8) return 0.85;
  return draw < 0.95 ? 0.5 : 0.1;
}

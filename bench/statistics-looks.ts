/** A hundred looks at two arms of 0/1 values: what each stopping rule does to errors and to speed. */
import { asymptoticSequence, groupSequentialBoundary, welch, type Moments } from "../src/statistics/index.ts";
import { momentsOfCount } from "../src/statistics/moments.ts";
import { sampler, type Random } from "../src/statistics/planning/seeded-random.ts";

const LOOKS = 100;
const UNITS_A_LOOK = 100;

/** The same boundary moved inwards by Siegmund's correction: its level is used up if the looks are known before. */
const PLANNED = "group sequential, 100 looks planned";

export const RULES = [
  "welch every look",
  "welch once",
  "asymptotic sequence",
  "group sequential",
  PLANNED,
] as const;
export type Rule = (typeof RULES)[number];

export interface LooksResult {
  readonly runs: number;
  /** Part of the runs that called a difference, by rule. */
  readonly rejected: Readonly<Record<Rule, number>>;
  /** Mean units an arm when a rule stopped (all of them when it never did). */
  readonly meanUnits: Readonly<Record<Rule, number>>;
  readonly unitsSe: Readonly<Record<Rule, number>>;
}

/** Does the rule call a difference at this look, the k-th of a hundred? Both directions, 5 % in all. */
function calls(rule: Rule, look: number, candidate: Moments, control: Moments): boolean {
  if (rule === "welch once" && look < LOOKS) return false;
  if (candidate.m2 === 0 && control.m2 === 0) return false;
  const { n } = candidate;
  const diff = candidate.mean - control.mean;
  const se = Math.sqrt((candidate.m2 + control.m2) / (n - 1) / n);
  const z = Math.abs(diff) / se;
  // Far from every boundary nothing needs to be computed to its last digit.
  if (z < 1.9) return false;
  if (rule === "group sequential" || rule === PLANNED) {
    const boundary = groupSequentialBoundary({ alpha: 0.025, information: look / LOOKS });
    const inward = rule === PLANNED ? 0.5826 / Math.sqrt(look) : 0;
    return boundary.ok && z >= boundary.critical - inward;
  }
  if (rule === "asymptotic sequence") {
    const sequence = asymptoticSequence({ diff, se, nEff: 2 * n, nStar: 5000, alpha: 0.05 });
    return sequence.ok && (sequence.low > 0 || sequence.high < 0);
  }
  const test = welch({ candidate, control });
  return test.ok && test.pTwoSided < 0.05;
}

/** Runs every rule on the same streams until `runs` are done or `until` (performance.now()) has come. */
export function runLooks(options: {
  readonly baseRate: number;
  readonly change: number;
  readonly runs: number;
  readonly until: number;
  readonly random: Random;
}): LooksResult {
  const { baseRate, change, random } = options;
  const draw = sampler(random);
  const rejected = byRule(0);
  const sum = byRule(0);
  const squares = byRule(0);
  let runs = 0;
  while (runs < options.runs && (runs < 100 || performance.now() < options.until)) {
    const open = new Set<Rule>(RULES);
    let [xT, xC] = [0, 0];
    for (let look = 1; look <= LOOKS && open.size > 0; look++) {
      const n = look * UNITS_A_LOOK;
      xT += draw.binomial(UNITS_A_LOOK, baseRate + change);
      xC += draw.binomial(UNITS_A_LOOK, baseRate);
      const candidate = momentsOfCount(xT, n);
      const control = momentsOfCount(xC, n);
      for (const rule of open) {
        const called = calls(rule, look, candidate, control);
        if (!called && look < LOOKS) continue;
        open.delete(rule);
        if (called) rejected[rule] += 1;
        sum[rule] += n;
        squares[rule] += n * n;
      }
    }
    runs += 1;
  }
  const meanUnits = byRule(0);
  const unitsSe = byRule(0);
  for (const rule of RULES) {
    rejected[rule] /= runs;
    meanUnits[rule] = sum[rule] / runs;
    unitsSe[rule] = Math.sqrt(Math.max(0, squares[rule] / runs - meanUnits[rule] ** 2) / runs);
  }
  return { runs, rejected, meanUnits, unitsSe };
}

function byRule(value: number): Record<Rule, number> {
  return Object.fromEntries(RULES.map((rule) => [rule, value])) as Record<Rule, number>;
}

import { betaIncomplete, normalCdf, normalQuantile } from "../distributions.ts";
import { alphaProblem, finite, invalid, notEnoughData, type Result } from "../result.ts";

/**
 * The same cases through both versions, each passed or failed: a pair for every case. A case that was repeated
 * counts by its share of passes, so that `worse` and `better` may be fractions: a fall from 3 of 3 to 1 of 3
 * is 2/3 of a case worse.
 */
export interface PairedCounts {
  readonly cases: number;
  /** Sum over cases of how much the candidate passed less than the baseline. */
  readonly worse: number;
  /** Sum over cases of how much it passed more. */
  readonly better: number;
}

export interface PairedProportions {
  readonly cases: number;
  /** How much worse the candidate is: baseline - candidate, of the pass rate; above 0 is worse. */
  readonly regression: number;
  /** One-sided bounds of the regression, each at 1 - alpha. */
  readonly lower: number;
  readonly upper: number;
  /** One-sided exact p that the candidate is worse; 1 where no pair differs. */
  readonly p: number;
}

/**
 * Tango's score bounds of the difference of paired proportions (Statistics in Medicine 17, 1998, 891-908): they
 * are defined without a single differing pair, where a paired t claims to know everything. The p is McNemar's
 * exact one.
 *
 * With repeats the sums of the fractions take the place of the counts. That is never less conservative than the
 * variance of the averages: no case's difference d is beyond -1 or 1, so its d * d is at most its |d|, of which
 * the score's variance is made.
 */
export function tangoBounds(counts: PairedCounts, alpha = 0.05): Result<PairedProportions> {
  const problem = alphaProblem(alpha);
  if (problem) return problem;
  const { cases, worse, better } = counts;
  if (![cases, worse, better].every((x) => Number.isFinite(x) && x >= 0))
    return invalid("counts must be finite, 0 or more");
  if (cases === 0) return notEnoughData("no case was answered by both versions");
  if (worse + better > cases * (1 + 1e-9)) return invalid("there are more differing pairs than cases");
  const regression = (worse - better) / cases;
  const z = -normalQuantile(alpha);
  return finite({
    cases,
    regression,
    lower: solve(counts, z, -1, regression),
    upper: solve(counts, -z, regression, 1),
    p: worse === 0 ? 1 : betaIncomplete(worse, better + 1, 0.5),
  });
}

/** The difference at which the score reaches `z`: it falls as the difference grows, so halving finds it. */
function solve(counts: PairedCounts, z: number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (score(counts, middle) > z) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Tango's score for a true difference of `difference`, with the discordant share that is likeliest under it. */
function score({ cases, worse, better }: PairedCounts, difference: number): number {
  const b = -worse - better + (2 * cases - worse + better) * difference;
  const c = -better * difference * (1 - difference);
  const likeliest = (Math.sqrt(Math.max(0, b * b - 8 * cases * c)) - b) / (4 * cases);
  const distance = worse - better - cases * difference;
  const variance = cases * (2 * likeliest + difference * (1 - difference));
  return distance === 0 ? 0 : distance / Math.sqrt(Math.max(0, variance));
}

/** The smallest regression that so many cases can rule out, when every one of them came out alike. */
export function excludableRegression(cases: number, alpha = 0.05): number {
  if (!(cases > 0)) return 1;
  const z = normalQuantile(alpha);
  return (z * z) / (cases + z * z);
}

/** How many cases it takes to rule out a regression, when every one of them comes out alike. */
export function casesToExclude(regression: number, alpha = 0.05): number {
  if (!(regression > 0)) return Number.POSITIVE_INFINITY;
  const z = normalQuantile(alpha);
  return Math.max(1, Math.ceil((z * z * (1 - regression)) / regression - 1e-9));
}

/** Cases up to which the chance is summed exactly; beyond, the normal distribution is as good. */
const SUMMED = 10_000;

/**
 * The chance that a version exactly as good as its baseline is shown to be within `maxRegression`, when chance
 * alone makes `discordant` (a share of the cases) come out differently, either way alike.
 */
export function gatePassProbability(input: {
  readonly cases: number;
  /** 0 to 1. */
  readonly discordant: number;
  readonly maxRegression: number;
  readonly alpha?: number;
}): Result<{ readonly probability: number }> {
  const { cases, discordant, maxRegression, alpha = 0.05 } = input;
  const problem = alphaProblem(alpha);
  if (problem) return problem;
  if (!Number.isInteger(cases) || cases < 1) return notEnoughData("it takes a case");
  if (!(discordant > 0 && discordant < 1)) return invalid("the share that differs lies between 0 and 1");
  if (!Number.isFinite(maxRegression)) return invalid("the accepted regression must be a finite number");
  if (cases > SUMMED)
    return finite({
      probability: normalCdf(maxRegression * Math.sqrt(cases / discordant) + normalQuantile(alpha)),
    });
  const spread = 6 * Math.sqrt(cases * discordant * (1 - discordant)) + 6;
  const first = Math.max(0, Math.floor(cases * discordant - spread));
  const last = Math.min(cases, Math.ceil(cases * discordant + spread));
  let probability = 0;
  for (let differ = first; differ <= last; differ += 1) {
    const most = mostWorse(cases, differ, maxRegression, alpha);
    if (most < 0) continue;
    const chance = atMost(differ, cases, discordant) - atMost(differ - 1, cases, discordant);
    probability += chance * atMost(most, differ, 0.5);
  }
  return finite({ probability: Math.min(1, probability) });
}

/** Of so many differing pairs, how many may be worse for the bound to stay within the margin; -1 when none. */
function mostWorse(cases: number, differ: number, maxRegression: number, alpha: number): number {
  let [low, high] = [-1, differ];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const bounds = tangoBounds({ cases, worse: middle, better: differ - middle }, alpha);
    if (bounds.ok && bounds.upper <= maxRegression) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** P(X <= x) of a binomial. */
function atMost(x: number, n: number, p: number): number {
  if (x < 0) return 0;
  return x >= n ? 1 : betaIncomplete(n - x, x + 1, 1 - p);
}

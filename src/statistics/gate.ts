import { percent } from "../domain/text/percent.ts";
import { counted, wordFor } from "../domain/text/counted.ts";
import { passRateBounds } from "./inference/paired.ts";
import {
  casesToExclude,
  excludableRegression,
  type PairedCounts,
  tangoBounds,
} from "./inference/paired-proportions.ts";

export interface GateEvidence {
  /** Cases with a result, and the mean over cases of the candidate's pass fraction (repeats averaged). */
  readonly cases: number;
  readonly passRate: number;
  /** What is required of the pass rate. */
  readonly minPassRate: number;
  /** Largest fall of the pass rate that is accepted. */
  readonly maxRegression: number;
  /** What became of the cases that both versions have answered; left out when there is no baseline. */
  readonly pairs?: PairedCounts;
  /** Level of each one-sided bound; 0.05 by default. */
  readonly alpha?: number;
}

/** What an insufficient verdict looks like: whether the observed regression is within what is accepted. */
export type GateLooks = "fine" | "worse";

export interface GateVerdict {
  readonly verdict: "pass" | "fail" | "insufficient";
  /** Only of an insufficient verdict; null also where nothing has a result. */
  readonly looks: GateLooks | null;
  /** One plain sentence, with numbers. */
  readonly reason: string;
  /** baseline - candidate, of the pass rate; null without a baseline. */
  readonly regression: number | null;
  /** One-sided lower and upper bounds of the regression (Tango's). */
  readonly ci: readonly [number, number] | null;
  /** One-sided exact p that the candidate is worse. */
  readonly p: number | null;
  /** One-sided bounds of the candidate's pass rate. */
  readonly passRateCi: readonly [number, number];
}

/** Means of fractions carry rounding: 0.9 of ten cases must reach 0.9. */
const ROUNDING = 1e-9;

/**
 * The gate's verdict of three. Fail: the pass rate is below its minimum (the cases are a requirement, so whether
 * chance could explain it is said and decides nothing), or a regression is proven and larger than accepted. Pass:
 * the pass rate is reached, and the regression is surely no larger than accepted. Insufficient: the pass rate is
 * reached, and the regression can be neither shown nor excluded. Without a baseline the pass rate alone decides.
 */
export function gateVerdict(evidence: GateEvidence): GateVerdict {
  const { cases, passRate, minPassRate, maxRegression, pairs, alpha = 0.05 } = evidence;
  const rate = passRateBounds(passRate, cases, alpha);
  const paired = pairs && tangoBounds(pairs, alpha);
  const numbers = {
    regression: paired?.ok ? paired.regression : null,
    ci: paired?.ok ? ([paired.lower, paired.upper] as const) : null,
    p: paired?.ok ? paired.p : null,
    passRateCi: [rate.lower, rate.upper] as const,
  };
  const verdict = (
    is: GateVerdict["verdict"],
    reason: string,
    looks: GateLooks | null = null,
  ): GateVerdict => ({ verdict: is, looks, reason, ...numbers });

  if (!(cases > 0) || !Number.isFinite(passRate)) return verdict("insufficient", "no case has a result");
  const share = `${percent(passRate)} of ${counted(cases, "case")} passed`;
  if (passRate < minPassRate - ROUNDING)
    return verdict(
      "fail",
      `${share}, ${percent(minPassRate)} are required${chance(rate.upper, minPassRate)}`,
    );
  if (!pairs) return verdict("pass", `${share} (${percent(minPassRate)} required); there is no baseline yet`);
  if (!paired?.ok) return verdict("insufficient", paired?.detail ?? "nothing to compare");

  const { regression, upper, p } = paired;
  const accepted = `${points(maxRegression)} accepted`;
  const isLarger = regression > maxRegression + ROUNDING;
  if (isLarger && paired.lower > 0 && p <= alpha)
    return verdict(
      "fail",
      `the pass rate falls by ${points(regression)} against the baseline: proven, ${accepted}`,
    );
  if (upper <= maxRegression + ROUNDING)
    return verdict("pass", `${share}, and the pass rate falls by at most ${points(upper)} (${accepted})`);
  const open = `more than ${points(maxRegression)} can be neither shown nor ruled out`;
  if (isLarger)
    return verdict(
      "insufficient",
      `it looks worse: the pass rate falls by ${points(regression)} against the baseline (${accepted}), though ${open} with ${counted(pairs.cases, "case")}`,
      "worse",
    );
  return verdict(
    "insufficient",
    `it looks fine: ${share}${change(regression)}, but a fall of up to ${points(upper)} cannot be ruled out with ${counted(pairs.cases, "case")} (${accepted}${enough(maxRegression, pairs.cases, alpha)})`,
    "fine",
  );
}

/** True when the verdict is fail whatever the cases still to run would say: the one reason to stop early. */
export function gateHasFailed(progress: {
  /** Pass fractions of the cases done, summed. */
  readonly passed: number;
  readonly done: number;
  /** All cases, done or not. */
  readonly cases: number;
  readonly minPassRate: number;
}): boolean {
  const { passed, done, cases, minPassRate } = progress;
  if (!(cases > 0)) return false;
  return (passed + cases - done) / cases < minPassRate - ROUNDING;
}

/** What a set of this size can show at most, which is said before anything is paid for. */
export function sizeSentence(cases: number, maxRegression: number, alpha = 0.05): string {
  const least = excludableRegression(cases, alpha);
  const nothing = `with ${counted(cases, "case")} nothing under ${points(least)} can be ruled out`;
  const needed = casesToExclude(maxRegression, alpha);
  if (cases >= needed || !Number.isFinite(needed)) return nothing;
  return `${nothing}, so this gate cannot pass, only look fine (${points(maxRegression)} ${maxRegression === 0.01 ? "takes" : "take"} ${counted(needed, "case")})`;
}

/** Whether chance could explain a pass rate that is too low. It is said, and changes nothing. */
function chance(upper: number, minPassRate: number): string {
  if (minPassRate >= 1) return "";
  return upper < minPassRate
    ? ` (chance does not explain it: at most ${percent(upper)} is likely)`
    : ` (it may be chance, but the cases are a requirement)`;
}

function change(regression: number): string {
  if (Math.abs(regression) < ROUNDING) return ", as of the baseline";
  const by = points(Math.abs(regression));
  return regression > 0 ? `, ${by} less than of the baseline` : `, ${by} more than of the baseline`;
}

/** How many cases would do, where there are fewer. */
function enough(maxRegression: number, cases: number, alpha: number): string {
  const needed = casesToExclude(maxRegression, alpha);
  return Number.isFinite(needed) && cases < needed ? `; that takes ${counted(needed, "case")} or more` : "";
}

function points(fraction: number): string {
  const value = Number((fraction * 100).toPrecision(2));
  return `${value} ${wordFor(value, "point")}`;
}

import type { Moments } from "./moments.ts";
import { mcnemarExact, pairedComparison, passRateBounds } from "./paired.ts";

export interface GateEvidence {
  /** Cases with a result, and the mean over cases of the candidate's pass fraction (repeats averaged). */
  readonly cases: number;
  readonly passRate: number;
  readonly minPassRate: number;
  /** Largest fall in score that is accepted. */
  readonly maxRegression: number;
  /** Per-case score differences, candidate - baseline; left out when there is no baseline. */
  readonly differences?: Moments;
  /** Pass/fail pairs, when each case was run once: then the exact test decides whether harm is proven. */
  readonly discordant?: { readonly worse: number; readonly better: number };
  /** Level of each one-sided bound; 0.05 unless told. */
  readonly alpha?: number;
}

export interface GateVerdict {
  readonly verdict: "pass" | "fail" | "insufficient";
  /** One plain sentence, with numbers. */
  readonly reason: string;
  /** baseline - candidate; null without a baseline or with fewer than two cases. */
  readonly regression: number | null;
  /** One-sided lower and upper bounds of the regression. */
  readonly ci: readonly [number, number] | null;
  /** One-sided p of harm: exact McNemar's when given pass/fail pairs, else the paired t's. */
  readonly p: number | null;
  /** One-sided bounds of the candidate's pass rate. */
  readonly passRateCi: readonly [number, number];
}

/**
 * The gate's verdict of three. Fail: harm is proven and larger than accepted, or the pass rate is surely
 * under its minimum. Pass: the harm is surely no larger than accepted, and the pass rate reaches its
 * minimum. Otherwise the cases do not suffice to say. Without a baseline, the pass rate alone decides.
 */
export function gateVerdict(evidence: GateEvidence): GateVerdict {
  const { cases, passRate, minPassRate, maxRegression, differences, discordant, alpha = 0.05 } = evidence;
  const rate = passRateBounds(passRate, cases, alpha);
  const paired = differences && pairedComparison(differences, alpha);
  const exact = discordant && mcnemarExact(discordant);
  const p = exact?.ok ? exact.pWorse : paired?.ok ? paired.p : null;
  const numbers = {
    regression: paired?.ok ? paired.regression : null,
    ci: paired?.ok ? ([paired.lower, paired.upper] as const) : null,
    p,
    passRateCi: [rate.lower, rate.upper] as const,
  };
  const says = (verdict: GateVerdict["verdict"], reason: string): GateVerdict => ({
    verdict,
    reason,
    ...numbers,
  });

  if (!(cases > 0) || !Number.isFinite(passRate)) return says("insufficient", "no case has a result");
  const share = `${percent(passRate)} of ${cases} ${cases === 1 ? "case" : "cases"} passed`;
  if (rate.upper < minPassRate)
    return says(
      "fail",
      `${share}: surely under the ${percent(minPassRate)} asked for (at most ${percent(rate.upper)})`,
    );
  if (paired?.ok) {
    const proven = discordant ? exact?.ok === true && exact.pWorse <= alpha : paired.lower > 0;
    const fall = `the score falls by ${points(paired.regression)}`;
    if (proven && paired.regression > maxRegression)
      return says(
        "fail",
        `${fall} against the baseline: proven, and more than the ${points(maxRegression)} accepted`,
      );
  }
  if (passRate < minPassRate)
    return says(
      "insufficient",
      `${share}, under the ${percent(minPassRate)} asked for, but so few cases may mislead`,
    );
  if (!differences)
    return says("pass", `${share}, of ${percent(minPassRate)} asked for; there is no baseline yet`);
  if (!paired?.ok) return says("insufficient", paired?.detail ?? "nothing to compare");
  if (paired.upper <= maxRegression)
    return says(
      "pass",
      `${share}, and ${paired.upper <= 0 ? "the score does not fall" : `the score falls by at most ${points(paired.upper)}`} (${points(maxRegression)} accepted)`,
    );
  return says(
    "insufficient",
    `${share}, but the score may fall by up to ${points(paired.upper)} against the baseline (${points(maxRegression)} accepted): more cases would tell`,
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
  readonly alpha?: number;
}): boolean {
  const { passed, done, cases, minPassRate, alpha = 0.05 } = progress;
  if (!(cases > 0)) return false;
  return passRateBounds((passed + cases - done) / cases, cases, alpha).upper < minPassRate;
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))} %`;
}

function points(value: number): string {
  return String(Number(value.toPrecision(3)));
}

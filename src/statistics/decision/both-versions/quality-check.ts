import type { Evidence } from "../../../domain/rollout/verdict.ts";
import type { Stratum } from "../../inference/stratified.ts";
import { count } from "../wording.ts";
import type { ByArm } from "./arm-sums.ts";

/** E-values: 100 holds and alerts, 1000 means that the comparison cannot be trusted. */
export const HOLD_LOG_E = Math.log(100);
export const INVALID_LOG_E = Math.log(1000);

export interface QualityCheck {
  readonly logE: number;
  readonly evidence: readonly Evidence[];
  /** Why the data cannot be trusted, when it cannot. */
  readonly invalid: string | undefined;
  /** Why nothing may be promoted or advanced for now. */
  readonly holds: readonly string[];
}

/** What an e-value against the data means. */
export function judge(
  metric: string,
  role: "split" | "coverage",
  logE: number,
  n: ByArm<number>,
  says: { readonly ok: string; readonly bad: string },
): QualityCheck {
  const odds = `${logE > 700 ? "over 1e300" : count(Math.exp(Math.max(0, logE)))} to 1`;
  const bad = logE >= HOLD_LOG_E;
  const invalid = logE >= INVALID_LOG_E;
  const note = bad ? `${says.bad} (evidence ${odds})` : says.ok;
  return {
    logE,
    evidence: [
      {
        metric,
        role,
        n,
        mean: { candidate: null, control: null },
        diff: null,
        ci: null,
        p: Math.min(1, Math.exp(-logE)),
        alpha: 1 / 1000,
        z: null,
        boundary: null,
        verdict: invalid ? "invalid" : "ok",
        note,
      },
    ],
    invalid: invalid ? note : undefined,
    holds: bad && !invalid ? [`${note}: held until it settles`] : [],
  };
}

/** Whether the split is as it should be, in words and by its evidence. */
export function judgeSplit(logE: number, exposed: ByArm<number>): QualityCheck {
  const sides = `${count(exposed.candidate)} candidate and ${count(exposed.control)} control units`;
  return judge("exposures", "split", logE, exposed, {
    ok: `${sides}: the split is as it should be`,
    bad: `the split is off: ${sides} were exposed where as many of each were expected`,
  });
}

/** Whether an epoch's units that have a value all have the event: nobody reports that nothing happened. */
export function recordsOnlyEvents(
  seen: {
    readonly epochs: readonly ByArm<{ readonly units: number; readonly n: number }>[];
    readonly strata: readonly Stratum[];
  },
  k: number,
): boolean {
  const epoch = seen.epochs[k]!;
  const stratum = seen.strata[k]!;
  return (["candidate", "control"] as const).every(
    (arm) => epoch[arm].n === Math.round(stratum[arm].mean * epoch[arm].units),
  );
}

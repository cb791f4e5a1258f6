import { finite, invalid, type Result } from "../result.ts";
import { evenSplitLogE } from "../inference/sample-ratio.ts";

/** One epoch: closed units of each arm, and those of them that carry a value. */
export interface CoverageCounts {
  readonly candidate: { readonly units: number; readonly n: number };
  readonly control: { readonly units: number; readonly n: number };
}

export interface CoverageEvidence {
  /** Natural log of `E = (E_present + E_missing) / 2`. */
  readonly logE: number;
  /** min(1, 1/E): valid at whatever look it is read. */
  readonly p: number;
  /** The candidate's units without a value less the control's. */
  readonly missingMore: number;
}

/**
 * Does a value arrive as often in one matched arm as in the other? Values that are present and values that
 * are missing are each tested against an even split, and the two e-values averaged, which is an e-value
 * (V. Vovk, R. Wang, Annals of Statistics 2021): where nearly all arrive, only the missing ones show a loss.
 */
export function coverageEvidence(epochs: readonly CoverageCounts[]): Result<CoverageEvidence> {
  let [present, missing, missingMore] = [0, 0, 0];
  for (const { candidate, control } of epochs) {
    for (const { units, n } of [candidate, control])
      if (!(n >= 0 && n <= units) || !Number.isFinite(units))
        return invalid(`${n} values of ${units} units cannot be`);
    const [without, withoutControl] = [candidate.units - candidate.n, control.units - control.n];
    present += evenSplitLogE(candidate.n, control.n);
    missing += evenSplitLogE(without, withoutControl);
    missingMore += without - withoutControl;
  }
  const larger = Math.max(present, missing);
  const logE = larger + Math.log((Math.exp(present - larger) + Math.exp(missing - larger)) / 2);
  return finite({ logE, p: Math.min(1, Math.exp(-logE)), missingMore });
}

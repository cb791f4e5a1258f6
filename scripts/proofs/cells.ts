import { byBucket, byRank, falseAlarms, usersByCell } from "../../test/support/cell-splits.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";

const USERS = 20_000;
const ROLLOUTS = 300;
const SALTS = 5;
/** Of 1,500 rollouts without a difference 1.5 alarm by chance, and more than 7 one time in 3,000. */
const MOST_ALARMS = 7;

/**
 * That a canary over cells is not called unevenly split: A/A rollouts of 20,000 users, for each number of cells and
 * share, with the alarms of hashed buckets beside them. A proof without time for all of them has proven nothing.
 */
export function prove({ seed, minutes }: ProofOptions): Finding {
  const until = performance.now() + minutes * 60_000;
  const findings: Finding[] = [];
  for (const digits of [1, 2, 3, 4])
    for (const share of [500, 2_500, 5_000]) {
      const cells = usersByCell(USERS, digits);
      const rollouts = digits === 4 ? ROLLOUTS : ROLLOUTS * SALTS;
      const inTime = performance.now() < until;
      const ranked = falseAlarms(cells, byRank(share), rollouts, seed);
      const hashed = falseAlarms(cells, byBucket(share), ROLLOUTS, seed);
      const even = ranked <= MOST_ALARMS;
      findings.push(
        found(
          even ? (inTime ? "holds" : "OPEN") : "VIOLATED",
          `${16 ** digits} cells, ${share / 100} % each: ${ranked} alarms in ${rollouts} rollouts (hashed: ${hashed} in ${ROLLOUTS})${inTime ? "" : " (too late: give it more --minutes)"}`,
        ),
      );
    }
  return whole(findings);
}

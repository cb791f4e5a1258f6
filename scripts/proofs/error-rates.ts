import { FULL_LOOKS, FULL_POLICY, run } from "../../bench/statistics.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";

/**
 * The error rates and the power that are promised, by the full number of runs: 40,000 for the stopping
 * rules, 1,500 for the whole policy. Rates must keep their bound by their upper 95 % limit; power must be
 * within chance (two to three standard errors) of its reference, or better. A proof that ran out of time has proven nothing.
 */
export function prove({ seed, minutes }: ProofOptions): Finding {
  const rows = run({ seed, minutes, progress: (line) => void process.stderr.write(`${line}\n`) });
  const findings: Finding[] = [];
  for (const row of rows) {
    const full = row.work.startsWith("100 looks")
      ? FULL_LOOKS
      : row.work.startsWith("policy")
        ? FULL_POLICY
        : 0;
    const short = (row.runs ?? 0) < full;
    if (row.met === null && !short) continue;
    const error = row.se === undefined ? "" : ` ± ${Number(row.se.toPrecision(2))}`;
    const remark = short ? ` (${row.runs} of ${full} runs: give it more --minutes)` : "";
    findings.push(
      found(
        short ? "OPEN" : row.met === false ? "VIOLATED" : "holds",
        `${row.work}: ${Number((row.ours ?? 0).toPrecision(4))}${error}, asked for ${row.goal === null ? "nothing" : Number(row.goal.toPrecision(4))}${remark}`,
      ),
    );
  }
  return whole(findings);
}

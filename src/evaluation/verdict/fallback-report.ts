import { counted } from "../../domain/text/counted.ts";
import { percent } from "../../domain/text/percent.ts";
import type { CaseResult } from "../grading/case-result.ts";
import type { AskedFallback } from "../running/case-runs.ts";
import type { EvaluationPolicy } from "../running/evaluation-policy.ts";
import { Tally } from "../running/tally.ts";
import type { FallbackReport } from "./evaluation-report.ts";

/** Means of fractions carry rounding. */
const ROUNDING = 1e-9;

export function fallbackReports(
  fallbacks: readonly AskedFallback[],
  results: readonly CaseResult[],
  gate: EvaluationPolicy,
): readonly FallbackReport[] {
  return fallbacks.map(({ arm, cases }) => {
    const { name, artifact } = arm;
    const own = results.filter((result) => result.arm === name);
    const tally = new Tally(cases.length, gate.repeats);
    const place = new Map(cases.map((caseIndex, at) => [caseIndex, at]));
    for (const one of own) tally.add({ ...one, arm: "candidate", caseIndex: place.get(one.caseIndex)! });
    const passRate = tally.passRate("candidate");
    const { flaky: _, ...counts } = tally.counts("candidate");
    const isWhole = own.filter(({ error }) => error === null).length === cases.length * gate.repeats;
    const best = tally.evidence(false, "best for the candidate").passRate;
    const verdict = best < gate.min_pass_rate - ROUNDING ? "fail" : isWhole ? "pass" : "insufficient";
    const rate = passRate === null ? "no answer" : percent(passRate);
    const reason = `its fallback ${artifact.model}: ${rate} of ${counted(cases.length, "case")} passed, ${percent(gate.min_pass_rate)} are required`;
    return { arm: name, model: artifact.model, cases: cases.length, ...counts, passRate, verdict, reason };
  });
}

/** Why the answers that users get of a fallback fail the version; undefined where they do not. */
export function failingFallback(reports: readonly FallbackReport[] = []): FallbackReport | undefined {
  return reports.find(({ verdict }) => verdict === "fail");
}

import { leeBounds } from "../inference/lee-bounds.ts";
import { evidenceInterval } from "./evidence-line.ts";
import { uncapped } from "./harm.ts";
import type { MarginLeft } from "./ledger.ts";
import type { Line } from "./line.ts";
import { powerReached } from "./promotion.ts";
import { limitSentence } from "./rare-limit.ts";
import { count, difference, percent } from "./wording.ts";

/** Why it is promoted, with all that a reader of "promoted" should know. */
export function promotionReason(lines: readonly Line[], closed: number): string {
  const goal = lines[0]!;
  const rails = lines.filter(({ metric }) => metric.role === "guardrail" && !metric.builtIn);
  const shown = rails.filter(({ metric }) => metric.claim !== "harmless");
  const unshown = rails
    .filter(({ metric }) => metric.claim === "harmless")
    .map(({ metric }) => metric.metric);
  const what = goal.metric.claim === "superior" ? "better" : "no worse than allowed";
  const kept =
    shown.length === 0
      ? ""
      : `, and so is ${shown.length === 1 ? "its guardrail" : `each of ${shown.length} guardrails`}`;
  const open = unshown.length === 0 ? "" : `; ${unshown.join(", ")} not shown, by policy`;
  const hidden = lines
    .map(({ metric, seen }) => [metric.metric, uncapped(metric, seen)] as const)
    .filter(([, text]) => text !== "")
    .map(([metric, text]) => `; ${metric}${text}`)
    .join("");
  return `${goal.metric.metric} is proven ${what}${kept}, over ${count(closed)} units an arm${open}${hidden}${worstCase(lines)}`;
}

/** What those who did not answer could make of each metric whose answering is shown only. */
function worstCase(lines: readonly Line[]): string {
  return lines
    .filter(({ metric }) => metric.spec.coverage === "reported")
    .map(({ metric, seen }) => {
      const arm = (of: "candidate" | "control") => ({ units: seen.units[of], values: seen.moments[of] });
      const bounds = leeBounds({
        candidate: arm("candidate"),
        control: arm("control"),
        binary: seen.binary,
      });
      if (!bounds.ok || seen.log || seen.kind === "ratio") return "";
      const { answeredCandidate, answeredControl, low, high } = bounds;
      return `; ${percent(answeredCandidate)} and ${percent(answeredControl)} gave ${metric.metric}: among those who would give it either way the difference is ${difference(seen.kind, low)} to ${difference(seen.kind, high)}, whoever they are`;
    })
    .join("");
}

/** What a claim still lacks, with the interval reached. */
export function notProven({ metric, seen, limit }: Line, maxUnits: number): string {
  if (metric.claim === "limit")
    return limit
      ? `${limitSentence(metric, limit, maxUnits)}, is not shown`
      : `${metric.metric} is not known well enough to hold it against a limit`;
  const claim = metric.claim === "superior" ? "better" : "no worse than allowed";
  const interval = evidenceInterval(seen);
  const range = interval
    ? ` (difference ${difference(seen.kind, interval.diff)}, between ${difference(seen.kind, interval.ci[0])} and ${difference(seen.kind, interval.ci[1])})`
    : "";
  return `${metric.metric} is not proven ${claim}${range}`;
}

/** What the units seen could have shown. */
export function reached({ metric, seen }: Line, information: number): string {
  const power = powerReached(metric, seen, information);
  return power === null
    ? ""
    : `; a version without any difference would have passed ${percent(power)} of the time`;
}

/** How far a claim is, and what ends the waiting for it. */
export function notYet(line: Line, information: number, maxUnits: number): string {
  const { metric, claim, left, limit } = line;
  const seen = `${percent(information)} of the planned units`;
  const planned = `${count(maxUnits)} an arm`;
  if (claim?.state === "not_yet" && claim.boundary === null && information < 1)
    return `${metric.metric} is tested once, when all the units planned have been seen (${planned}): ${seen} have been${ledgerNote(left)}`;
  const score =
    claim?.z === null || claim?.z === undefined || claim.boundary === null
      ? ""
      : ` (score ${claim.z.toFixed(2)} of ${claim.boundary.toFixed(2)})`;
  const what = limit
    ? `${limitSentence(metric, limit, maxUnits)}, is not shown yet`
    : `${metric.metric} is not proven yet`;
  return `${what}${score}, at ${seen}: ${planned} decide at the latest${ledgerNote(left)}`;
}

/** Why a margin is smaller than the policy's, and what an operator can do about it. */
export function ledgerNote(left: MarginLeft | undefined): string {
  return left?.note === undefined ? "" : `; ${left.note}: compare with the anchor, or name another one`;
}

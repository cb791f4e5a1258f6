import type { Assessment, Verdict } from "../../domain/rollout/verdict.ts";
import type { AssessmentInput } from "./assessment-input.ts";
import { droppedNote } from "./dropped-note.ts";
import { enrolmentNote } from "./enrolment-end.ts";
import { evidenceOf } from "./evidence-line.ts";
import { type Examined, examine } from "./examine.ts";
import { gather, type Gathered } from "./gather.ts";
import type { Line } from "./line.ts";
import { checkClaim } from "./promotion.ts";
import { ledgerNote, notProven, notYet, promotionReason, reached } from "./reasons.ts";
import { epochsOf, fewestUnits, lastStageGate, missing, stageGate } from "./stage-gates.ts";
import { duration } from "./wording.ts";

export type { AssessmentInput } from "./assessment-input.ts";
export { HARM_ALPHA } from "./gather.ts";

/** Stored with every rollout and decision: another version may decide the same evidence differently. */
export const DECISION_CODE_VERSION = "3";

/** Verdicts that another look follows: what they miss is an alert of their own. */
const UNDER_WAY: ReadonlySet<Verdict> = new Set(["continue", "advance"]);
const ALL_SEEN = "all the units planned have been seen";

/**
 * One look at the evidence. Pure: the same input gives the same assessment. In order: fuse, invalid data,
 * harm, stage gate or promotion, time-out. May be called as often as one likes; the error rates hold over
 * all looks together.
 */
export function assess(input: AssessmentInput): Assessment {
  const gathered = gather(input);
  return decide(input, gathered, examine(input, gathered));
}

function decide(input: AssessmentInput, gathered: Gathered, examined: Examined): Assessment {
  const { canary } = input;
  const { watched, observations, lines, closed, information, lastStage, boundary, alpha, baseRates } =
    gathered;
  const { fuses, split, invalid, harmful, ended, holds, broken } = examined;
  const inLastStage = () =>
    fewestUnits(
      watched.map(({ metric }) => observations.get(metric)!),
      epochsOf(input),
    );
  const dropped = droppedNote(input.dropped);
  const result = (verdict: Verdict, reason: string): Assessment => ({
    verdict,
    reason: dropped === undefined || UNDER_WAY.has(verdict) ? reason : `${reason}; ${dropped}`,
    evidence: [
      ...lines.map((line) =>
        evidenceOf(line, alpha, {
          promotes: verdict === "promote",
          maxUnits: canary.max_units,
          information,
          attempt: input.attempt ?? 1,
          promoteBy: canary.promote_by,
        }),
      ),
      ...examined.evidence,
    ],
    information,
    fuseStreaks: {},
    fuses: fuses.states,
    baseRates,
    splitLogE: split.logE,
    alerts: [...holds, ...broken, ...(dropped === undefined ? [] : [dropped])],
  });

  if (fuses.blown) return result("fuse", fuses.blown);
  if (invalid) return result("invalid", invalid);
  if (harmful) return result("harm", harmful);
  if (input.mode === "holdback")
    return result(
      "continue",
      closed === 0 ? "no unit has completed its window yet" : "the promoted version does no harm that shows",
    );
  // Harm is looked for from a number of values on; before, that nothing shows harm says nothing.
  const named = lines.filter(({ metric }) => !metric.builtIn);
  const unseen = input.promoteNow ? missing(input, named, true)[0] : undefined;
  if (!input.frozen && input.promoteNow && unseen === undefined) {
    const passes = [
      ...holds,
      ...broken,
      ...(lastStage ? [] : [`stage ${input.stage + 1} of ${canary.stages.length}`]),
      ...lines
        .filter(({ claim }) => lastStage && claim?.state !== "met")
        .map((line) => notYet(line, information, canary.max_units)),
    ];
    const over = passes.length === 0 ? "" : `; passes over: ${passes.join("; ")}`;
    return {
      ...result("promote", `an operator asked for promotion, and nothing shows harm${over}`),
      passes,
    };
  }

  const unvarying = lines.filter(({ harm }) => !lastStage && harm.unvarying).map(({ harm }) => harm.note);
  const waiting = [...holds, ...broken, ...missing(input, named, lastStage), ...unvarying];
  let progress: string;
  if (!input.frozen && unseen !== undefined) progress = `asked to promote, which takes evidence: ${unseen}`;
  else if (input.frozen)
    progress = "paused or waiting for approval, until an operator resumes or decides: watching for harm only";
  else if (waiting.length > 0) {
    // What nothing more can come to would be waited for in vain.
    if (lastStage && ended && information >= 1 && lastStageGate(input, inLastStage()).open)
      return noData() ?? result("inconclusive", `inconclusive: ${ALL_SEEN}, and ${waiting[0]}`);
    progress = `held: ${waiting[0]}`;
  } else if (!lastStage) {
    const slowest = fewestUnits(observations.values());
    const gate = stageGate(input, slowest);
    if (gate.open) return result("advance", gate.reason);
    progress = gate.reason + enrolmentNote(input, slowest.metric, 0);
  } else {
    const unmet = lines.filter(({ claim }) => claim?.state !== "met");
    const gate = lastStageGate(input, inLastStage());
    if (gate.open && unmet.length === 0) return result("promote", promotionReason(lines, closed));
    if (gate.open && information >= 1) return ending(unmet[0]!, ALL_SEEN);
    progress = gate.open ? stillOpen(unmet[0]!) : gate.reason;
  }

  if (input.elapsedMs >= canary.max_duration_ms) {
    const after = `after ${duration(input.elapsedMs)}, the longest it may take`;
    const silent = noData(after);
    if (silent) return silent;
    if (!input.frozen && waiting.length === 0 && lastStage) {
      const unmet = lines.find(({ claim }) => claim?.state !== "met");
      if (unmet) return ending(unmet, after);
    }
    return result("inconclusive", `inconclusive ${after}: ${progress}`);
  }
  return result("continue", progress);

  function noData(when = `as ${ALL_SEEN}`): Assessment | undefined {
    return named.every(({ seen }) => seen.n.candidate === 0 && seen.n.control === 0)
      ? result("no_data", `no value of any metric ever arrived; stopped ${when}`)
      : undefined;
  }

  function stillOpen(line: Line): string {
    const { metric, spec } = line.metric;
    return notYet(line, information, canary.max_units) + enrolmentNote(input, metric, spec.window_ms);
  }

  /** The run is over with a claim unmet: the policy may still promote what is proven no worse. */
  function ending(unmet: Line, when: string): Assessment {
    const harmless =
      canary.on_inconclusive === "promote_if_noninferior" &&
      lastStageGate(input, inLastStage()).open &&
      lines.every((line) => noWorse(line, boundary));
    if (harmless)
      return result(
        "promote",
        `${notProven(unmet, canary.max_units)}, but every metric is proven no worse than allowed`,
      );
    return result(
      "inconclusive",
      `inconclusive: ${when}, and ${notProven(unmet, canary.max_units)}${reached(unmet, information)}${ledgerNote(unmet.left)}`,
    );
  }
}

function noWorse({ metric, seen, left, limit }: Line, boundary: number | null): boolean {
  const as = metric.claim === "superior" ? "non_inferior" : metric.claim;
  return checkClaim(metric, seen, boundary, limit, as, left?.margin).state === "met";
}

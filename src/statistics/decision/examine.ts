import type { Evidence } from "../../domain/rollout/verdict.ts";
import type { AssessmentInput } from "./assessment-input.ts";
import { checkCoverage, checkSplit, staleMetrics } from "./data-quality.ts";
import { enrolmentHasEnded, fullArms, isAwaited } from "./enrolment-end.ts";
import { checkFuses } from "./fuses.ts";
import { type Gathered, HARM_ALPHA } from "./gather.ts";
import { checkSegments } from "./segments.ts";

/** What one look finds beside the comparison of each metric: limits, the quality of the data, harm to a few. */
export interface Examined {
  readonly fuses: ReturnType<typeof checkFuses>;
  readonly split: ReturnType<typeof checkSplit>;
  /** Why the evidence cannot be used at all. */
  readonly invalid: string | undefined;
  /** The first harm: of a metric, in what goes missing, or to the units of one segment. */
  readonly harmful: string | undefined;
  /** Of segments, fuses, split and coverage, in this order; of coverage only what it has something to say of. */
  readonly evidence: readonly Evidence[];
  /** Nobody is enrolled any more. */
  readonly ended: boolean;
  /** Why there is no going on yet, of the data as a whole. */
  readonly holds: readonly string[];
  /** The same, of metrics whose values cannot be compared. */
  readonly broken: readonly string[];
}

export function examine(input: AssessmentInput, gathered: Gathered): Examined {
  const { canary, metrics } = input;
  const { watched, observations, lines } = gathered;
  const of = (name: string) => observations.get(name)!;
  const fuses = checkFuses(canary, of, input.fuses ?? {});
  const full = fullArms(input);
  const split = checkSplit(input.exposures, full);
  const coverage = watched
    .filter(({ builtIn }) => !builtIn)
    .map(({ metric, spec }) => checkCoverage(of(metric), spec.coverage, full));
  const segments = checkSegments(
    watched,
    canary.segments ?? [],
    input.segments ?? [],
    HARM_ALPHA / 2,
    (metric) => ({
      limit: lines.find((line) => line.metric === metric)?.limit,
      maxUnits: canary.max_units,
    }),
  );
  const ended = enrolmentHasEnded(input);
  // Once nobody is enrolled any more and every window has closed, no value is to be expected.
  const stale = staleMetrics(canary, metrics, input.silenceMs, input.elapsedMs, (metric) =>
    ended ? isAwaited(input, of(metric)) : true,
  );
  return {
    fuses,
    split,
    invalid: split.invalid ?? coverage.find((check) => check.invalid)?.invalid,
    harmful:
      lines.find(({ harm }) => harm.state === "harm")?.harm.note ??
      coverage.find((check) => check.harm)?.harm ??
      segments.harmful,
    evidence: [
      ...segments.evidence,
      ...fuses.evidence,
      ...split.evidence,
      ...coverage
        .filter((check) => check.holds.length > 0 || check.invalid || check.harm || check.shown)
        .flatMap((check) => check.evidence),
    ],
    ended,
    holds: [...split.holds, ...coverage.flatMap((check) => check.holds), ...fuses.holds, ...stale],
    broken: lines.filter(({ seen }) => seen.broken).map(({ harm }) => harm.note),
  };
}

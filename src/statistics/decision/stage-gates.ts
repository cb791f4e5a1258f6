import type { AssessmentInput } from "./assessment-input.ts";
import { MIN_VALUES } from "./harm.ts";
import type { Line } from "./line.ts";
import type { Observations } from "./observations.ts";
import { waitingFor } from "./waiting.ts";
import { count, duration } from "./wording.ts";

/** The metric that fewest units have been seen of, to their end. */
export interface Fewest {
  readonly metric: string;
  readonly units: number;
}

/** Closed exposed units of the slowest metric in its smaller arm, over all epochs or those named. */
export function fewestUnits(observations: Iterable<Observations>, only?: ReadonlySet<number>): Fewest {
  let fewest: Fewest = { metric: "", units: Infinity };
  for (const { metric, units, epochs, numbers } of observations) {
    const seen = (arm: "candidate" | "control") =>
      only === undefined
        ? units[arm]
        : epochs.reduce((sum, epoch, k) => sum + (only.has(numbers[k]!) ? epoch[arm].units : 0), 0);
    const smaller = Math.min(seen("candidate"), seen("control"));
    if (smaller < fewest.units) fewest = { metric, units: smaller };
  }
  return fewest;
}

/** The epochs of the last stage; undefined (all of them) where it is not known which belong to it. */
export function epochsOf({ canary, exposures }: AssessmentInput): ReadonlySet<number> | undefined {
  if (exposures.every(({ stage }) => stage === undefined)) return undefined;
  const last = canary.stages.length - 1;
  return new Set(exposures.filter(({ stage }) => stage === last).map(({ epoch }) => epoch));
}

/** Metrics without data: for a stage, no value at all in an arm; for promotion, too few to test. */
export function missing(
  input: AssessmentInput,
  lines: readonly Line[],
  lastStage: boolean,
): readonly string[] {
  return lines
    .filter(({ seen }) => Math.min(seen.n.candidate, seen.n.control) < (lastStage ? MIN_VALUES : 1))
    .map(({ metric, seen }) => {
      const sides = `${count(seen.n.candidate)} candidate and ${count(seen.n.control)} control units`;
      const needed = lastStage ? `, and ${MIN_VALUES} of each are needed` : "";
      const closed = seen.units.candidate + seen.units.control;
      const wait =
        waitingFor(input, metric.metric, metric.spec.window_ms) ||
        (closed > 0
          ? `${count(closed)} units were seen to their end; it has to be recorded for more of them`
          : "");
      return `${metric.metric} has been seen for ${sides}${needed}${wait ? `: ${wait}` : ""}`;
    });
}

export interface Gate {
  readonly open: boolean;
  readonly reason: string;
}

/** A stage before the last is left after its time, with enough units. */
export function stageGate(input: AssessmentInput, slowest: Fewest): Gate {
  const { canary, stage, dwellMs } = input;
  const dwell = canary.stages[stage]?.dwell_ms ?? 0;
  const wanted = Math.min(canary.min_units, canary.max_units);
  if (slowest.units < wanted) return { open: false, reason: unitsWanted(input, slowest, wanted) };
  if (dwellMs < dwell)
    return { open: false, reason: `no harm so far; ${duration(dwell - dwellMs)} of this stage are left` };
  return {
    open: true,
    reason: `no harm over ${count(slowest.units)} units an arm and ${duration(dwellMs)}: on to the next stage`,
  };
}

/** The last stage counts on its own: what a larger share brings shows only in units that came under it. */
export function lastStageGate(input: AssessmentInput, slowest: Fewest): Gate {
  const { canary, stage, dwellMs } = input;
  const dwell = Math.max(canary.stages[stage]?.dwell_ms ?? 0, canary.interval_ms);
  const wanted = Math.min(canary.min_units, canary.max_units);
  if (slowest.units < wanted)
    return { open: false, reason: `in the last stage ${unitsWanted(input, slowest, wanted)}` };
  if (dwellMs < dwell)
    return { open: false, reason: `no harm so far; ${duration(dwell - dwellMs)} of the last stage are left` };
  return { open: true, reason: "" };
}

function unitsWanted(input: AssessmentInput, { metric, units }: Fewest, wanted: number): string {
  const spec = input.metrics[metric];
  const wait = spec ? waitingFor(input, metric, spec.window_ms) : "";
  return `${count(units)} units an arm have completed their window of ${metric}; ${count(wanted)} are needed${wait && `: ${wait}`}`;
}

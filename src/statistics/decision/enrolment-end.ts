import type { EnrolledArm } from "../../domain/rollout/assignment.ts";
import type { CanaryPolicy } from "../../domain/policy/policy.ts";
import type { EpochExposures } from "../../domain/rollout/verdict.ts";
import type { AssessmentInput } from "./assessment-input.ts";
import type { ByArm } from "./both-versions/arm-sums.ts";
import type { Observations } from "./observations.ts";
import { waitingFor } from "./waiting.ts";
import { count } from "./wording.ts";

/** How many more units of an arm a canary enrols at a stage, where so many are enrolled in all and in its last stage. */
export function roomLeft(
  canary: Pick<CanaryPolicy, "min_units" | "max_units">,
  enrolled: { readonly inAll: number; readonly inLastStage: number },
  lastStage: boolean,
): number {
  const inAll = canary.max_units - enrolled.inAll;
  // What a larger share brings shows only in the units of the last stage: it has its minimum to itself.
  const ofLast = Math.min(canary.min_units, canary.max_units) - enrolled.inLastStage;
  return Math.max(0, lastStage ? Math.max(inAll, ofLast) : inAll);
}

/** Which arms were full in an epoch, by its number; an epoch in which neither was has no entry. */
export type FullArms = ReadonlyMap<number, ByArm<boolean>>;

export function fullArms({
  canary,
  exposures,
  mode,
}: Pick<AssessmentInput, "canary" | "exposures" | "mode">): FullArms {
  const found = new Map<number, ByArm<boolean>>();
  if (mode === "holdback") return found;
  const last = canary.stages.length - 1;
  const enrolled = { candidate: { inAll: 0, inLastStage: 0 }, control: { inAll: 0, inLastStage: 0 } };
  for (const epoch of exposures) {
    const lastStage = (epoch.stage ?? last) >= last;
    const isFull = (arm: EnrolledArm) => {
      enrolled[arm].inAll += epoch[arm];
      if (lastStage) enrolled[arm].inLastStage += epoch[arm];
      return roomLeft(canary, enrolled[arm], lastStage) === 0;
    };
    const full = { candidate: isFull("candidate"), control: isFull("control") };
    if (full.candidate || full.control) found.set(epoch.epoch, full);
  }
  return found;
}

/**
 * How many units of each arm of an epoch a test of their even split may count. Chance fills one arm first, and what
 * the other then takes to fill up too says nothing about the split: it counts up to as many as the full one has, where
 * the evidence is smallest, so that the test, which stops there, keeps its level.
 */
export function comparable(units: ByArm<number>, full: ByArm<boolean> | undefined): ByArm<number> {
  const fewer = Math.min(units.candidate, units.control);
  return {
    candidate: full?.control ? fewer : units.candidate,
    control: full?.candidate ? fewer : units.control,
  };
}

/** Has each arm been given all the units that this canary enrols at its stage? */
export function enrolmentHasEnded({
  canary,
  exposures,
  stage,
  mode,
}: Pick<AssessmentInput, "canary" | "exposures" | "stage" | "mode">): boolean {
  if (mode === "holdback") return false;
  const last = canary.stages.length - 1;
  return (["candidate", "control"] as const).every((arm) => {
    const sum = (some: readonly EpochExposures[]) => some.reduce((all, epoch) => all + epoch[arm], 0);
    const enrolled = {
      inAll: sum(exposures),
      inLastStage: sum(exposures.filter((epoch) => (epoch.stage ?? last) === last)),
    };
    return roomLeft(canary, enrolled, stage >= last) === 0;
  });
}

/** Do any of its exposed units still wait for their window? */
export function isAwaited(
  { exposures }: Pick<AssessmentInput, "exposures">,
  { units }: Observations,
): boolean {
  const exposed = exposures.reduce((sum, { candidate, control }) => sum + candidate + control, 0);
  return exposed > units.candidate + units.control;
}

/** What is said of enrolment once it has ended; empty before. */
export function enrolmentNote(input: AssessmentInput, metric: string, windowMs: number): string {
  if (!enrolmentHasEnded(input)) return "";
  const { canary, stage } = input;
  const ended = `all ${count(canary.max_units)} units an arm are enrolled`;
  if (stage < canary.stages.length - 1)
    return `; ${ended}, and the last stage takes ${count(Math.min(canary.min_units, canary.max_units))} more`;
  const wait = waitingFor(input, metric, windowMs);
  return `; ${ended}${wait && `, ${wait}`}`;
}

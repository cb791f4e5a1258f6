import type { CanaryPolicy } from "../../domain/policy/policy.ts";
import type { EpochExposures } from "../../domain/rollout/verdict.ts";
import type { AssessmentInput } from "./assessment-input.ts";
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

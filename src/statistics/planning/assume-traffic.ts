import type { CanaryPolicy } from "../../domain/policy/policy.ts";
import { timeFor } from "./enrolment.ts";

/**
 * Units a day where nobody says: as many as let a policy see all its units in the middle of the time it has,
 * so that a simulation is about the policy and not about too little traffic.
 */
export function assumeTraffic(canary: CanaryPolicy): number {
  const dwell = canary.stages.slice(0, -1).reduce((sum, stage) => sum + stage.dwell_ms, 0);
  const target = dwell + Math.max(1, canary.max_duration_ms - dwell) / 2;
  let [few, many] = [1, 1e12];
  while (many / few > 1.001) {
    const middle = Math.sqrt(few * many);
    if (timeFor(canary, middle, canary.max_units) > target) few = middle;
    else many = middle;
  }
  return Number(many.toPrecision(2));
}

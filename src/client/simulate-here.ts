import { setImmediate as breathe } from "node:timers/promises";
import type { SimulatedPolicy } from "../domain/shapes/planning.ts";
import { seededRandom } from "../statistics/planning/seeded-random.ts";
import { type SimulatedRun, simulateRun, summarise } from "../statistics/planning/simulate.ts";
import {
  describeSimulation,
  type KnownPolicy,
  prepareSimulation,
} from "../statistics/planning/prepared-simulation.ts";
import { type SimulateRequest, USUAL_RUNS, USUAL_SEED } from "./requests.ts";

const REPORT_EVERY_MS = 2_000;

/** Computed where the program runs, a rollout at a time, so that it is heard when it is to end. */
export async function simulateHere(known: KnownPolicy, request: SimulateRequest): Promise<SimulatedPolicy> {
  const { effect = [], baseline = [], segment = [], unitsPerDay, signal, onProgress } = request;
  const { runs = USUAL_RUNS, seed = USUAL_SEED } = request;
  const prepared = prepareSimulation(known, { effect, baseline, segment, unitsPerDay });
  const random = seededRandom(seed);
  const ended: SimulatedRun[] = [];
  let reportedAt = Date.now();
  while (ended.length < runs) {
    ended.push(simulateRun(prepared.simulation, random));
    await breathe(undefined, { signal });
    if (Date.now() - reportedAt < REPORT_EVERY_MS) continue;
    reportedAt = Date.now();
    onProgress?.(ended.length);
  }
  return describeSimulation(prepared, summarise(ended), seed);
}

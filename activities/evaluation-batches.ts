import type { PlannedBatches } from "../src/protocol/activity-values.ts";

/** Case runs of a batch, as long as there are not too many batches of them. */
const BATCH = 50;
/** Each takes six events at most, so a history stays under 2,000 however many cases there are. */
const MOST_BATCHES = 250;
/** Batches at once, so that several workers share an evaluation and none waits for another's last call. */
const LANES = 4;

/** Cuts case runs 0 to total - 1 into batches of one size, the last one smaller. */
export function cutIntoBatches(total: number): Pick<PlannedBatches, "batches" | "lanes"> {
  const size = Math.max(BATCH, Math.ceil(total / MOST_BATCHES));
  const batches: [number, number][] = [];
  for (let from = 0; from < total; from += size) batches.push([from, Math.min(total, from + size)]);
  return { batches, lanes: Math.min(LANES, batches.length) };
}

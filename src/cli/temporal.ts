import { rolloutsPlaceOf } from "../client/configured-sluice.ts";
import type { Rollouts } from "../protocol/rollout-controls.ts";
import { keepRollouts } from "../temporal/keep-rollouts.ts";
import type { CommandContext } from "./context.ts";

/** Runs with a connection to Temporal. */
export async function withRollouts<T>(
  { config }: CommandContext,
  work: (rollouts: Rollouts) => Promise<T>,
): Promise<T> {
  const port = keepRollouts(rolloutsPlaceOf(config));
  try {
    return await port.use(work);
  } finally {
    await port.close();
  }
}

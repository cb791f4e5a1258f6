import { CancellationScope, isCancellation } from "@temporalio/workflow";
import type { RolloutState } from "./rollout-state.ts";

/** Runs a wait that whatever changes the rollout's course interrupts; undefined when it was interrupted. */
export async function interruptible<T>(state: RolloutState, wait: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope();
  state.watching = scope;
  try {
    return await scope.run(wait);
  } catch (error) {
    const interrupted = isCancellation(error) && scope.consideredCancelled;
    if (!interrupted || CancellationScope.current().consideredCancelled) throw error;
    return undefined;
  } finally {
    state.watching = null;
  }
}

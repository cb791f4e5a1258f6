import { WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import { sleep } from "@temporalio/workflow";
import { FIRST_WAIT_MS, longerWait } from "./waits.ts";

/**
 * Runs a child under an id that is the same each time its parent is started again. The one that a terminated parent has
 * left behind is being ended by Temporal, and may be open still: it is waited for, and what it writes at its end is not
 * this one's. `reopen`, before each further try, sets right what it may have written.
 */
export async function onceFree<T>(run: () => Promise<T>, reopen?: () => Promise<unknown>): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = longerWait(waitMs)) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(waitMs);
      await reopen?.();
    }
  }
}

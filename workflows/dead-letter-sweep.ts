import { setWorkflowOptions } from "@temporalio/workflow";
import { lasting, sweeps } from "./proxies.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, deadLetterSweep);

/** Does again what heals by itself, and tells of what has come. A schedule runs it every few minutes. */
export async function deadLetterSweep(): Promise<{ readonly closed: number; readonly told: number }> {
  return sweeps.sweepDeadLetters.executeWithOptions(lasting(), []);
}

import { proxyActivities } from "@temporalio/workflow";
import type { InvokeActivities, ModelInvokeRequest } from "../../../src/invoke/temporal/index.ts";

const { modelInvoke } = proxyActivities<InvokeActivities>({
  startToCloseTimeout: "1m",
  heartbeatTimeout: "2s",
  cancellationType: "WAIT_CANCELLATION_COMPLETED",
  retry: { initialInterval: 10, maximumAttempts: 3 },
});
const { moveOn } = proxyActivities<{ moveOn(): Promise<void> }>({ startToCloseTimeout: "1m" });

/** Asks, lets another version go live, and asks again by the first answer's token. */
export async function ask(request: ModelInvokeRequest) {
  const first = await modelInvoke(request);
  await moveOn();
  return { first, second: await modelInvoke({ pin: first.prompt.token, variables: request.variables }) };
}

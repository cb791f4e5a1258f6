import {
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import type { DeliveryInput, DeliveryResult, DeliveryStep } from "../src/protocol/activity-values.ts";
import { lookSignal } from "./messages.ts";
import { deliveries, lasting, watchers } from "./proxies.ts";

const WOKEN_BY_UPKEEP = "deliveries-are-woken-by-upkeep";

setWorkflowOptions({ failureExceptionTypes: [Error] }, promptDelivery);

/**
 * Takes one version through the environments of its repository, for one commit: looks where it stands, which starts the
 * rollouts that are due, and waits until one of them ends, a waiting time is over or somebody says that something has
 * changed. What is true is in Postgres: each look finds it anew, so nothing is lost with this workflow.
 */
export async function promptDelivery(delivery: DeliveryInput): Promise<DeliveryResult> {
  let toldToLook = false;
  setHandler(lookSignal, () => {
    toldToLook = true;
  });
  const { deliveryId, version } = delivery;
  for (;;) {
    toldToLook = false;
    const step = await deliveries.advanceDelivery.executeWithOptions({ summary: `look at ${version}` }, [
      { deliveryId },
    ]);
    setCurrentDetails(`**${step.state.replaceAll("_", " ")}**: ${step.reason}`);
    if (step.done) return { state: step.state, reason: step.reason };
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof promptDelivery>(delivery);
    await somethingHappens(step, () => toldToLook);
  }
}

/** Until the time is up, or somebody says that a rollout has come so far: what is left of the others is cancelled. */
async function somethingHappens({ waitMs, rollouts }: DeliveryStep, isTold: () => boolean): Promise<void> {
  const scope = new CancellationScope();
  try {
    await scope.run(async () => {
      const waits: Promise<unknown>[] = [condition(isTold)];
      if (waitMs !== null) waits.push(sleep(Math.max(waitMs, 1)));
      // Once a worker held a slot for as long as a rollout lasted; now the upkeep of workers says when one has come so far.
      if (rollouts.length > 0 && !patched(WOKEN_BY_UPKEEP))
        waits.push(
          watchers.awaitRollouts.executeWithOptions(
            { ...lasting(), summary: "until a rollout has come so far" },
            [{ rollouts }],
          ),
        );
      // Without a time to look again, nothing but a signal would bring the next look.
      if (waits.length === 1) waits.push(sleep("1h"));
      await Promise.race(waits);
    });
  } finally {
    scope.cancel();
  }
}

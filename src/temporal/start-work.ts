import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import type { DeliveryInput, PropagationInput } from "../protocol/activity-values.ts";
import type { TriageInput } from "../protocol/monitor-values.ts";
import {
  deliveryWorkflowId,
  LOOK_SIGNAL,
  propagationWorkflowId,
  triageWorkflowId,
  WORKFLOW,
} from "../protocol/names.ts";
import type { DeliveryOwner, Owner, TriageOwner } from "../protocol/rollout-temporal.ts";
import { underDeadline } from "./under-deadline.ts";

export async function startDelivery(
  client: Client,
  taskQueue: string,
  delivery: DeliveryInput,
  { prompt, installation }: DeliveryOwner,
): Promise<void> {
  const { deliveryId, version, commit } = delivery;
  const workflowId = deliveryWorkflowId(prompt, commit, taskQueue);
  await underDeadline(client, () =>
    client.workflow.start(WORKFLOW.delivery, {
      workflowId,
      taskQueue,
      args: [delivery],
      memo: { deliveryId, installation },
      // One that runs goes on, however many runners apply the commit; one that has ended may be asked for again.
      workflowIdConflictPolicy: "USE_EXISTING",
      workflowIdReusePolicy: "ALLOW_DUPLICATE",
      workflowTaskTimeout: "2s",
      staticSummary: `${version} through the environments`,
      staticDetails: `Takes **${version}** of commit ${commit} from environment to environment.`,
    }),
  );
}

export async function startPropagation(
  client: Client,
  taskQueue: string,
  propagation: PropagationInput,
  { installation }: Owner,
): Promise<void> {
  const { propagationId, version } = propagation;
  await underDeadline(client, () =>
    client.workflow.start(WORKFLOW.propagation, {
      workflowId: propagationWorkflowId(propagationId),
      taskQueue,
      args: [propagation],
      memo: { propagationId, installation },
      workflowIdConflictPolicy: "USE_EXISTING",
      workflowIdReusePolicy: "ALLOW_DUPLICATE",
      workflowTaskTimeout: "2s",
      staticSummary: `${version} to what includes it`,
    }),
  );
}

export async function startTriage(
  client: Client,
  taskQueue: string,
  triage: TriageInput,
  { installation, version }: TriageOwner,
): Promise<void> {
  const { alertId } = triage;
  await underDeadline(client, () =>
    client.workflow.start(WORKFLOW.triage, {
      workflowId: triageWorkflowId(alertId),
      taskQueue,
      args: [triage],
      memo: { alertId, installation },
      workflowIdConflictPolicy: "USE_EXISTING",
      workflowIdReusePolicy: "ALLOW_DUPLICATE",
      staticSummary: `whose doing it is that ${version} has got worse`,
    }),
  );
}

export async function wakeDelivery(client: Client, workflowId: string): Promise<boolean> {
  try {
    await underDeadline(client, () => client.workflow.getHandle(workflowId).signal(LOOK_SIGNAL));
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

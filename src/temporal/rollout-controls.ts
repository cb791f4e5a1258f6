import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import type { ControlName } from "../protocol/names.ts";
import type { ControlAnswer, Rollouts } from "../protocol/rollout-controls.ts";
import { controlRollout } from "./rollout-client.ts";
import { underDeadline } from "./under-deadline.ts";
import { temporalFailure } from "./temporal-failure.ts";

/** Asking something of rollouts, and what was answered, through a client. */
export function rolloutControls(client: Client): Pick<Rollouts, "control" | "answered"> {
  return {
    control: (rollout, name, request, id) => controlRollout(client, rollout, name, request, id),
    answered: (run, name, id) => answered(client, run, name, id),
  };
}

async function answered<Name extends ControlName>(
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  _: Name,
  id: string,
): Promise<ControlAnswer<Name> | undefined> {
  const update = client.workflow.getHandle(workflowId, runId).getUpdateHandle<ControlAnswer<Name>>(id);
  try {
    return await underDeadline(client, () => update.result());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw temporalFailure(error);
  }
}

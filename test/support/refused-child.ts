import type { Client } from "@temporalio/client";
import { expect } from "vitest";

/** Waits until Temporal has told the newest run of a workflow that a child of that id is there already. */
export async function untilChildIsRefused(
  client: Client,
  workflowId: string,
  childId: string,
): Promise<void> {
  const refused = async () => {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).map((event) => event.startChildWorkflowExecutionFailedEventAttributes?.workflowId);
  };
  await expect.poll(refused, { timeout: 60_000 }).toContain(childId);
}

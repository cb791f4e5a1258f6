import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from "@temporalio/client";
import { REQUEST_DEADLINE_MS } from "./connect.ts";
import { temporalFailure } from "./temporal-failure.ts";

/** Under a deadline: without a worker, or a server, a request would hang. What Temporal says of ids stays as it is. */
export async function underDeadline<T>(client: Client, request: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + REQUEST_DEADLINE_MS, request);
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError)
      throw error;
    throw temporalFailure(error);
  }
}

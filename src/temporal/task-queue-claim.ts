import { hostname } from "node:os";
import type { Connection } from "@temporalio/client";
import { conflict } from "../domain/errors.ts";

const WORKFLOW_TASKS = 1;
/** A worker polls at least once a minute; one that was seen last before that is gone. */
export const RECENT_MS = 90_000;

/** How a worker is known in Temporal: by the installation whose database it works on. */
export function workerIdentity(installation: string): string {
  return `sluice/${installation}/${process.pid}@${hostname()}`;
}

/**
 * Refuses a task queue that another installation's workers poll: each would be given the other's rollouts, which
 * it does not have. `conflict` says what to do.
 */
export async function refuseForeignTaskQueue(
  connection: Connection,
  of: { readonly namespace: string; readonly taskQueue: string; readonly installation: string },
): Promise<void> {
  const { namespace, taskQueue, installation } = of;
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_TASKS,
  });
  const foreign = (pollers ?? []).find(
    ({ identity, lastAccessTime }) =>
      identity?.startsWith("sluice/") === true &&
      identity.split("/")[1] !== installation &&
      Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < RECENT_MS,
  );
  if (!foreign) return;
  throw conflict(
    `a worker of another installation of Sluice polls task queue ${taskQueue} of Temporal namespace ${namespace}: give this one a queue of its own (SLUICE_TASK_QUEUE, for its worker and its commands), or a namespace`,
    { namespace, taskQueue },
  );
}

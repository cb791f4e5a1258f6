import { hostname } from "node:os";
import type { Connection } from "@temporalio/client";
import { conflict } from "../domain/errors.ts";

/** As Temporal numbers them. */
const TASKS = { workflow: 1, activity: 2 } as const;
/** A worker polls at least once a minute; one that was seen last before that is gone. */
const RECENT_MS = 90_000;

/** How a worker is known in Temporal: by the installation whose database it works on. */
export function workerIdentity(installation: string): string {
  return `sluice/${installation}/${process.pid}@${hostname()}`;
}

/** Workers of Sluice, of any installation, that have polled a task queue a moment ago, by their identity. */
export async function recentWorkers(
  connection: Pick<Connection, "workflowService">,
  of: { readonly namespace: string; readonly taskQueue: string; readonly kind: keyof typeof TASKS },
): Promise<ReadonlySet<string>> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace: of.namespace,
    taskQueue: { name: of.taskQueue },
    taskQueueType: TASKS[of.kind],
  });
  const isRecent = ({ seconds }: { seconds?: unknown }) =>
    Date.now() - Number(seconds ?? 0) * 1000 < RECENT_MS;
  return new Set(
    (pollers ?? []).flatMap(({ identity, lastAccessTime }) =>
      identity?.startsWith("sluice/") && isRecent(lastAccessTime ?? {}) ? [identity] : [],
    ),
  );
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
  const workers = await recentWorkers(connection, { namespace, taskQueue, kind: "workflow" });
  const foreign = [...workers].some((identity) => identity.split("/")[1] !== installation);
  if (!foreign) return;
  throw conflict(
    `a worker of another installation of Sluice polls task queue ${taskQueue} of Temporal namespace ${namespace}: give this one a queue of its own (SLUICE_TASK_QUEUE, for its worker and its commands), or a namespace`,
    { namespace, taskQueue },
  );
}

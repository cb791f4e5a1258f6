import { type Client, ScheduleNotFoundError } from "@temporalio/client";
import { type ScheduledName, SCHEDULED_NAMES, scheduleId } from "../protocol/schedules.ts";
import { SEARCH_ATTRIBUTES } from "../protocol/search-attributes.ts";
import { lastingTaskQueue } from "../protocol/task-queue.ts";
import type { ScheduleFacts, TemporalFacts } from "../protocol/temporal-facts.ts";
import { temporalSettings, type TemporalAddress, type TemporalSettings, withTemporal } from "./connect.ts";
import { RECENT_MS } from "./task-queue-claim.ts";

const KEYWORD = 2;
const [WORKFLOW_TASKS, ACTIVITY_TASKS] = [1, 2];
const DAY_SECONDS = 86_400;

/** What Temporal knows of an installation: asked, and changed nowhere. */
export async function readTemporalFacts(
  override: TemporalAddress,
  taskQueue: string,
): Promise<TemporalFacts> {
  const place = temporalSettings(override);
  return withTemporal(override, (client) => temporalFacts(client, place, taskQueue));
}

/** The same over a connection that there is. */
export async function temporalFacts(
  client: Client,
  { address, namespace }: Pick<TemporalSettings, "address" | "namespace">,
  taskQueue: string,
): Promise<TemporalFacts> {
  const { connection } = client;
  const [system, described, attributes, short, lasting, schedules] = await Promise.all([
    connection.workflowService.getSystemInfo({}),
    connection.workflowService.describeNamespace({ namespace }),
    connection.operatorService.listSearchAttributes({ namespace }),
    pollersOf(client, namespace, taskQueue, WORKFLOW_TASKS),
    pollersOf(client, namespace, lastingTaskQueue(taskQueue), ACTIVITY_TASKS),
    Promise.all(
      SCHEDULED_NAMES.map(async (name) => [name, await scheduleFacts(client, name, taskQueue)] as const),
    ),
  ]);
  const known = attributes.customAttributes ?? {};
  const seconds = described.config?.workflowExecutionRetentionTtl?.seconds;
  return {
    address,
    namespace,
    version: system.serverVersion ?? "of an unknown version",
    retentionDays: seconds ? Number(seconds) / DAY_SECONDS : null,
    missingAttributes: SEARCH_ATTRIBUTES.filter((name) => known[name] === undefined),
    foreignAttributes: SEARCH_ATTRIBUTES.filter(
      (name) => known[name] !== undefined && known[name] !== KEYWORD,
    ),
    workers: { [taskQueue]: short, [lastingTaskQueue(taskQueue)]: lasting },
    schedules: Object.fromEntries(schedules),
  };
}

/** Of Sluice's workers: somebody else's on the same queue is none. */
async function pollersOf(
  { connection }: Client,
  namespace: string,
  name: string,
  taskQueueType: number | undefined,
) {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: taskQueueType!,
  });
  const recent = (pollers ?? []).filter(
    ({ identity, lastAccessTime }) =>
      identity?.startsWith("sluice/") === true &&
      Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < RECENT_MS,
  );
  return new Set(recent.map(({ identity }) => identity)).size;
}

async function scheduleFacts(client: Client, name: ScheduledName, taskQueue: string): Promise<ScheduleFacts> {
  try {
    const { state, info } = await client.schedule.getHandle(scheduleId(name, taskQueue)).describe();
    if (state.paused) return { state: "paused", note: state.note ?? "" };
    return {
      state: "runs",
      lastAt: info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
      nextAt: info.nextActionTimes[0]?.toISOString() ?? null,
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return { state: "missing" };
    throw error;
  }
}

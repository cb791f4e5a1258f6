import { type Client, ScheduleNotFoundError } from "@temporalio/client";
import { type ScheduledName, SCHEDULED_NAMES, scheduleId } from "../protocol/schedules.ts";
import { lastingTaskQueue } from "../protocol/task-queue.ts";
import type { ScheduleFacts, TemporalFacts } from "../protocol/temporal-facts.ts";
import { temporalSettings, type TemporalAddress, type TemporalSettings, withTemporal } from "./connect.ts";
import { searchAttributeGaps } from "./search-attributes.ts";
import { recentWorkers } from "./task-queue-claim.ts";

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
  const lastingQueue = lastingTaskQueue(taskQueue);
  const [system, described, attributes, short, lasting, schedules] = await Promise.all([
    connection.workflowService.getSystemInfo({}),
    connection.workflowService.describeNamespace({ namespace }),
    searchAttributeGaps(connection, namespace),
    recentWorkers(connection, { namespace, taskQueue, kind: "workflow" }),
    recentWorkers(connection, { namespace, taskQueue: lastingQueue, kind: "activity" }),
    Promise.all(
      SCHEDULED_NAMES.map(async (name) => [name, await scheduleFacts(client, name, taskQueue)] as const),
    ),
  ]);
  const seconds = described.config?.workflowExecutionRetentionTtl?.seconds;
  return {
    address,
    namespace,
    version: system.serverVersion ?? "of an unknown version",
    retentionDays: seconds ? Number(seconds) / DAY_SECONDS : null,
    missingAttributes: attributes.missing,
    foreignAttributes: attributes.foreign,
    workers: { [taskQueue]: short.size, [lastingQueue]: lasting.size },
    schedules: Object.fromEntries(schedules),
  };
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

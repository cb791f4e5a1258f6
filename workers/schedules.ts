import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from "@temporalio/client";
import { SCHEDULED, scheduleId, type ScheduledName } from "../src/protocol/schedules.ts";

interface Scheduled {
  readonly name: ScheduledName;
  readonly spec: ScheduleSpec;
  /** One that has lasted so long is ended, so that the next one may run. */
  readonly longest: "20 hours" | "30 minutes";
}

/** What is done by the clock for an installation, whichever of its workers is there. */
const SCHEDULES: readonly Scheduled[] = [
  {
    name: "retention",
    spec: { intervals: [{ every: "1 day", offset: "3 hours" }], jitter: "30 minutes" },
    longest: "20 hours",
  },
  { name: "dead-letters", spec: { intervals: [{ every: "5 minutes" }] }, longest: "30 minutes" },
];

/**
 * Has Temporal run them, once each: a schedule that is there is brought up to what this worker knows, and stays paused
 * where somebody has paused it.
 */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const { name, spec, longest } of SCHEDULES) {
    const id = scheduleId(name, taskQueue);
    const action = {
      type: "startWorkflow",
      workflowType: SCHEDULED[name],
      workflowId: id,
      taskQueue,
      workflowExecutionTimeout: longest,
    } as const;
    const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "6 hours" } as const;
    try {
      await client.schedule.create({ scheduleId: id, spec, action, policies });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule.getHandle(id).update(({ state }) => ({ spec, action, policies, state }));
    }
  }
}

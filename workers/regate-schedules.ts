import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from "@temporalio/client";
import { WORKFLOW } from "../src/protocol/names.ts";
import { regateScheduleId } from "../src/protocol/schedules.ts";
import type { RegateSchedules, ScheduledRegate } from "../src/use-cases/keep-regates.ts";

const MINUTE_MS = 60_000;

/** Temporal's schedules that ask golden sets again, one a monitor. */
export function regateSchedules(client: Client, taskQueue: string): RegateSchedules {
  const handle = (id: string) => client.schedule.getHandle(regateScheduleId(id));
  return {
    async ensure(regate, { unpause }) {
      const { id, prompt, label } = regate;
      const scheduled = scheduleOf(regate, taskQueue);
      try {
        const memo = { prompt, label };
        await client.schedule.create({ scheduleId: regateScheduleId(id), ...scheduled, memo });
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        await handle(id).update(({ state }) => ({
          ...scheduled,
          state: unpause ? { ...state, paused: false } : state,
        }));
      }
    },
    async remove(id) {
      try {
        await handle(id).delete();
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },
    async trigger(id) {
      const { state } = await handle(id).describe();
      if (!state.paused) await handle(id).trigger();
    },
  };
}

function scheduleOf({ id, prompt, label, spec }: ScheduledRegate, taskQueue: string) {
  const { every_ms: every, at_minutes: at } = spec;
  const action = {
    type: "startWorkflow",
    workflowType: WORKFLOW.regate,
    workflowId: regateScheduleId(id),
    taskQueue,
    args: [{ monitorId: id }],
    workflowExecutionTimeout: "20 hours",
    staticSummary: `ask again the tests of ${prompt} in ${label}`,
  } as const;
  // After an outage of a week there are not seven runs to pay for.
  const policies = {
    overlap: ScheduleOverlapPolicy.SKIP,
    catchupWindow: "1 hour",
    pauseOnFailure: true,
  } as const;
  return { spec: { intervals: [{ every, offset: (at * MINUTE_MS) % every }] }, action, policies };
}

import { DEFAULT_TASK_QUEUE } from "../domain/scope.ts";
import { WORKFLOW } from "./names.ts";

/** What is done by the clock for an installation, whichever of its workers is there, and the workflow that does it. */
export const SCHEDULED = {
  retention: WORKFLOW.retention,
  "dead-letters": WORKFLOW.deadLetterSweep,
} as const;
export type ScheduledName = keyof typeof SCHEDULED;
export const SCHEDULED_NAMES = Object.keys(SCHEDULED) as readonly ScheduledName[];

/** The id of the schedule that asks a golden set again, and of its workflows, by its monitor. */
export function regateScheduleId(monitorId: string): string {
  return `sluice-regate:${monitorId}`;
}

/** The id of a schedule, and of its workflows; a queue of an installation's own is a part of it. */
export function scheduleId(name: ScheduledName, taskQueue: string): string {
  const id = `sluice-${name}`;
  return taskQueue === DEFAULT_TASK_QUEUE ? id : `${id}:${encodeURIComponent(taskQueue)}`;
}

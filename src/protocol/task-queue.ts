import { invalidInput } from "../domain/errors.ts";
import { DEFAULT_TASK_QUEUE } from "../domain/scope.ts";
import { visible } from "../domain/text/visible.ts";

/** Longer ones Temporal would refuse at the first use, where they are part of other names. */
const MOST_CHARACTERS = 100;

/** The task queue of workers and starts, as SLUICE_TASK_QUEUE says it. */
export function readTaskQueue(text: string = DEFAULT_TASK_QUEUE): string {
  if (text.length <= MOST_CHARACTERS && visible(text) === text) return text;
  const name = "SLUICE_TASK_QUEUE";
  throw invalidInput(`${name} must be a name of 1 to ${MOST_CHARACTERS} characters that can be seen`, {
    name,
  });
}

/**
 * The queue for what lasts (a watch, a batch of model calls), beside a worker's own. It has slots of its own, so
 * that a move of a pointer never waits for them.
 */
export function lastingTaskQueue(taskQueue: string): string {
  return `${taskQueue}-lasting`;
}

/**
 * The queue for what lasts (a watch, a batch of model calls), beside a worker's own. It has slots of its own, so
 * that a move of a pointer never waits for them.
 */
export function lastingTaskQueue(taskQueue: string): string {
  return `${taskQueue}-lasting`;
}

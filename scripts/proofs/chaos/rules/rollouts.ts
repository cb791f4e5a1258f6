import { type History, NEVER_STARTED } from "../history.ts";
import { by } from "./by.ts";
import { SLACK_MS } from "./serving.ts";

export function* quietAfterEnd({ audit, rollouts }: History): Iterable<string> {
  const ends = new Map(rollouts.map(({ id, endedAt }) => [id, endedAt]));
  for (const { action, rolloutId, at } of audit) {
    const end = rolloutId === null ? undefined : ends.get(rolloutId);
    if ((action === "paused" || action === "resumed") && end && at > end + SLACK_MS)
      yield `${rolloutId} was ${action} ${at - end} ms after its end`;
  }
}

/** One that is paused already is not paused by a second request: two entries alike are one change, made twice. */
export function* pausedInTurn({ audit }: History): Iterable<string> {
  const changes = audit.filter(({ action }) => action === "paused" || action === "resumed");
  for (const [rolloutId, those] of by(changes, ({ rolloutId }) => String(rolloutId))) {
    let last = "resumed";
    for (const { action } of those) {
      if (action === last) yield `${rolloutId} was ${action} when it was so already`;
      last = action;
    }
  }
}

export function* nothingFails({ operations, rollouts, deadLetters, audit }: History): Iterable<string> {
  for (const { id, scope, outcome, reason, workflow, endedAt } of rollouts) {
    // Nobody was told that it goes on, and nobody came to start its workflow: a worker's sweep has ended it.
    const isLeft = workflow === NEVER_STARTED && !wasAcknowledged(operations, id);
    if (outcome === "failed" && !isLeft) yield `${id} failed: ${reason}`;
    if (["RUNNING", "COMPLETED", NEVER_STARTED].includes(workflow)) continue;
    // What is left of a rollout that was ended in the database is ended by the start of the next one, if it is slow.
    const isLeftOver =
      workflow === "TERMINATED" &&
      endedAt !== null &&
      audit.some(
        (entry) => entry.action === "rollout_started" && entry.scope === scope && entry.at > endedAt,
      );
    if (!isLeftOver) yield `the workflow of ${id} is ${workflow}`;
  }
  for (const letter of deadLetters) yield `a dead letter: ${letter}`;
}

function wasAcknowledged(operations: History["operations"], id: string): boolean {
  return operations.some(({ rolloutId, outcome }) => rolloutId === id && outcome === "acknowledged");
}

export function* everythingEnds({ rollouts, pointers }: History): Iterable<string> {
  const ended = new Set<string>();
  for (const { id, outcome, workflow } of rollouts) {
    if (outcome === null) yield `${id} has no outcome`;
    else ended.add(id);
    if (workflow === "RUNNING") yield `the workflow of ${id} still runs`;
  }
  for (const [scope, versions] of by(pointers, ({ scope }) => scope)) {
    const last = versions.at(-1)!;
    if (last.rolloutId !== null && ended.has(last.rolloutId))
      yield `${scope} still names ${last.rolloutId}, which has ended`;
    if (last.mode !== null) yield `${scope} still shows a candidate`;
  }
}

import type { AuditEntry, History, Operation } from "../history.ts";

/** The actions that an operation leaves in the audit log under its tag. */
const LEAVES: Partial<Record<Operation["kind"], string>> = {
  pause: "paused",
  resume: "resumed",
  approve: "approved",
  roll_back: "rolled_back",
  set: "pointer_set",
};
/** Over a server a pause is its key's, and carries no tag. */
const IS_TAGGED_BY_REASON: ReadonlySet<Operation["kind"]> = new Set(["roll_back", "set", "approve"]);

export function* once({ operations, audit, rollouts }: History): Iterable<string> {
  for (const operation of operations) {
    const { tag, kind, outcome, door } = operation;
    const action = LEAVES[kind];
    if (action !== undefined && door !== "database" && !IS_TAGGED_BY_REASON.has(kind)) continue;
    const made =
      action === undefined
        ? kind === "start" || kind === "replace"
          ? rollouts.filter(({ requestId }) => requestId === tag).length
          : undefined
        : audit.filter((entry) => isOf(entry, tag, action)).length;
    if (made === undefined) continue;
    if (made > 1) yield `${named(operation)} was done ${made} times`;
    if (outcome === "refused" && made > 0) yield `${named(operation)} was refused and done`;
    // A pause of what is paused and an approval said before leave nothing new.
    if (outcome === "acknowledged" && (kind === "roll_back" || kind === "set") && made === 0)
      yield `${named(operation)} was acknowledged and is not done`;
  }
}

function isOf(entry: AuditEntry, tag: string, action: string): boolean {
  // What there was to undo decides what a rollback is called in the log; its author and its reason do not change.
  const isTagged = entry.by === tag || entry.reason === tag;
  return isTagged && (entry.action === action || (action === "rolled_back" && entry.revision !== null));
}

export function* answeredAlike({ operations }: History): Iterable<string> {
  for (const operation of operations)
    if (operation.otherwise !== undefined)
      yield `${named(operation)}, asked once more after its answer: ${operation.otherwise}`;
}

export function* started({ operations, rollouts }: History): Iterable<string> {
  const known = new Set(rollouts.map(({ id }) => id));
  for (const operation of operations)
    if (
      (operation.kind === "start" || operation.kind === "replace") &&
      operation.outcome === "acknowledged" &&
      !known.has(operation.rolloutId ?? "")
    )
      yield `${named(operation)} was given rollout ${operation.rolloutId}, which has no row`;
}

export function* replaced({ operations }: History): Iterable<string> {
  for (const operation of operations)
    if (
      operation.kind === "replace" &&
      operation.outcome === "refused" &&
      /is running/.test(operation.message ?? "")
    )
      yield `${named(operation)} was refused: ${operation.message}`;
}

export function* aborted({ operations, rollouts, audit }: History): Iterable<string> {
  const ends = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
  for (const operation of operations) {
    if (operation.kind !== "abort") continue;
    const end = ends.get(operation.rolloutId ?? "");
    const isSuperseded =
      end?.outcome === "superseded" && audit.some((entry) => isMoveSince(entry, operation));
    if (operation.outcome === "acknowledged" && end && end.outcome !== "aborted" && !isSuperseded)
      yield `${named(operation)} was acknowledged, and ${end.id} ended ${end.outcome}: ${end.reason}`;
    const claimed = rollouts.find(({ reason }) => reason?.includes(operation.tag));
    if (operation.outcome === "refused" && claimed)
      yield `${named(operation)} was refused, and ended ${claimed.id}`;
  }
}

/** Somebody was faster than the workflow that was to be ended, and moved the pointer while it was still its own. */
function isMoveSince(entry: AuditEntry, { scope, startedAt }: Operation): boolean {
  return entry.action === "pointer_set" && entry.scope === scope && entry.at >= startedAt;
}

export function* foreseen({ operations }: History): Iterable<string> {
  for (const operation of operations)
    if (operation.unforeseen !== undefined) yield `${named(operation)}: ${operation.unforeseen}`;
}

function named({ kind, tag, scope, door }: Operation): string {
  return `${kind} ${tag} of ${scope}${door === "database" ? "" : ` over a ${door}`}`;
}

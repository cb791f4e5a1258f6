import type { AuditEntry, History, Operation, PointerVersion } from "./history.ts";

export interface Violation {
  readonly rule: Rule;
  readonly what: string;
}

/** What is served may be this old, and a little more for the time that a notice takes. In ms. */
const BOUND_MS = 5_000 + 1_000;
/** Between the look at a clock and what it was looked at for. In ms. */
const SLACK_MS = 150;

type Check = (history: History) => Iterable<string>;

/** Every rule by name. Each gives one sentence for each thing that must not be. */
export const RULES = {
  "a pointer's revisions rise one by one": linear,
  "each move of a pointer is in the audit log once": audited,
  "what is acknowledged is done once, what is unknown at most once, what is refused not at all": once,
  "an acknowledged start has a rollout": started,
  "a replacement is not refused for what it replaces": replaced,
  "an acknowledged abort is an abort": aborted,
  "no request ends in an error that nobody has foreseen": foreseen,
  "nothing is paused or resumed after the end": quietAfterEnd,
  "nothing fails for what passes": nothingFails,
  "everything ends, and shows nothing after it": everythingEnds,
  "no resolver outlives a lease": leased,
  "what is served is not older than the bound": fresh,
  "a unit stays in its arm": oneArm,
  "no outcome is counted twice": foldedOnce,
  "the audit chains are whole": (history) => history.brokenChains,
} as const satisfies Record<string, Check>;

export type Rule = keyof typeof RULES;

/** Holds a history against every rule; empty when nothing was violated. */
export function checkHistory(history: History): Violation[] {
  return Object.entries(RULES).flatMap(([rule, check]) =>
    [...(check as Check)(history)].map((what) => ({ rule: rule as Rule, what })),
  );
}

function* linear({ pointers }: History): Iterable<string> {
  for (const [scope, versions] of by(pointers, ({ scope }) => scope)) {
    let before: PointerVersion | undefined;
    for (const version of versions) {
      if (before && version.revision !== before.revision && version.revision !== before.revision + 1)
        yield `${scope}: revision ${before.revision} is followed by ${version.revision}`;
      if (before?.revision === version.revision && shown(before) !== shown(version))
        yield `${scope}: revision ${version.revision} shows first ${shown(before)}, then ${shown(version)}`;
      before = version;
    }
  }
}

/** What of a pointer must not change without a new revision: everything but the lease. */
function shown({ active, candidate, mode, share, epoch, rolloutId }: PointerVersion): string {
  return JSON.stringify({ active, candidate, mode, share, epoch, rolloutId });
}

function* audited({ pointers, audit }: History): Iterable<string> {
  const entries = new Map<string, number>();
  for (const { scope, revision } of audit)
    if (revision !== null)
      entries.set(`${scope} ${revision}`, (entries.get(`${scope} ${revision}`) ?? 0) + 1);
  const moves = new Set(pointers.map(({ scope, revision }) => `${scope} ${revision}`));
  for (const move of moves)
    if (entries.get(move) !== 1) yield `${move} has ${entries.get(move) ?? 0} audit entries`;
  for (const entry of entries.keys()) if (!moves.has(entry)) yield `${entry} is in the audit log alone`;
}

/** The actions that an operation leaves in the audit log under its tag. */
const LEAVES: Partial<Record<Operation["kind"], string>> = {
  pause: "paused",
  resume: "resumed",
  approve: "approved",
  roll_back: "rolled_back",
};

function* once({ operations, audit, rollouts }: History): Iterable<string> {
  for (const operation of operations) {
    const { tag, kind, outcome } = operation;
    const action = LEAVES[kind];
    const made =
      action === undefined
        ? kind === "start" || kind === "replace"
          ? rollouts.filter(({ requestId }) => requestId === tag).length
          : undefined
        : audit.filter((entry) => isOf(entry, tag, action)).length;
    if (made === undefined) continue;
    if (made > 1) yield `${named(operation)} was done ${made} times`;
    if (outcome === "refused" && made > 0) yield `${named(operation)} was refused and done`;
    // A pause of what is paused, an approval said before and a rollback with nothing to undo leave nothing new.
    if (outcome === "acknowledged" && kind === "roll_back" && made === 0)
      yield `${named(operation)} was acknowledged and is not done`;
  }
}

function isOf(entry: AuditEntry, tag: string, action: string): boolean {
  // What there was to undo decides what a rollback is called in the log; its author does not change.
  return entry.by === tag && (entry.action === action || action === "rolled_back");
}

function* started({ operations, rollouts }: History): Iterable<string> {
  const known = new Set(rollouts.map(({ id }) => id));
  for (const operation of operations)
    if (
      (operation.kind === "start" || operation.kind === "replace") &&
      operation.outcome === "acknowledged" &&
      !known.has(operation.rolloutId ?? "")
    )
      yield `${named(operation)} was given rollout ${operation.rolloutId}, which has no row`;
}

function* replaced({ operations }: History): Iterable<string> {
  for (const operation of operations)
    if (
      operation.kind === "replace" &&
      operation.outcome === "refused" &&
      /is running/.test(operation.message ?? "")
    )
      yield `${named(operation)} was refused: ${operation.message}`;
}

function* aborted({ operations, rollouts }: History): Iterable<string> {
  const ends = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
  for (const operation of operations) {
    if (operation.kind !== "abort") continue;
    const end = ends.get(operation.rolloutId ?? "");
    if (operation.outcome === "acknowledged" && end && end.outcome !== "aborted")
      yield `${named(operation)} was acknowledged, and ${end.id} ended ${end.outcome}: ${end.reason}`;
    const claimed = rollouts.find(({ reason }) => reason?.includes(operation.tag));
    if (operation.outcome === "refused" && claimed)
      yield `${named(operation)} was refused, and ended ${claimed.id}`;
  }
}

function* foreseen({ operations }: History): Iterable<string> {
  for (const operation of operations)
    if (operation.unforeseen !== undefined) yield `${named(operation)}: ${operation.unforeseen}`;
}

function* quietAfterEnd({ audit, rollouts }: History): Iterable<string> {
  const ends = new Map(rollouts.map(({ id, endedAt }) => [id, endedAt]));
  for (const { action, rolloutId, at } of audit) {
    const end = rolloutId === null ? undefined : ends.get(rolloutId);
    if ((action === "paused" || action === "resumed") && end && at > end + SLACK_MS)
      yield `${rolloutId} was ${action} ${at - end} ms after its end`;
  }
}

function* nothingFails({ rollouts, deadLetters, audit }: History): Iterable<string> {
  for (const { id, scope, outcome, reason, workflow, endedAt } of rollouts) {
    if (outcome === "failed") yield `${id} failed: ${reason}`;
    if (workflow === "RUNNING" || workflow === "COMPLETED") continue;
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

function* everythingEnds({ rollouts, pointers }: History): Iterable<string> {
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

function* leased({ samples, pointers }: History): Iterable<string> {
  const until = new Map<string, number>();
  for (const { rolloutId, epoch, leaseUntil } of pointers)
    if (rolloutId !== null && leaseUntil !== null)
      until.set(`${rolloutId} ${epoch}`, Math.max(leaseUntil, until.get(`${rolloutId} ${epoch}`) ?? 0));
  for (const { at, scope, unit, arm, rolloutId, epoch } of samples) {
    if (arm === "unenrolled") continue;
    const end = until.get(`${rolloutId} ${epoch}`);
    if (end === undefined) yield `${scope}: ${unit} is in epoch ${epoch} of ${rolloutId}, which never was`;
    else if (at > end + SLACK_MS)
      yield `${scope}: ${unit} is the ${arm}'s ${at - end} ms after the lease of epoch ${epoch}`;
  }
}

function* fresh({ samples, pointers, freezes }: History): Iterable<string> {
  // A commit has its time a moment before others see it: stopped in between, they see it when Postgres goes on.
  const visible = (at: number) => freezes.find(({ from, to }) => from <= at && at <= to)?.to ?? at;
  const chains = by(
    pointers.map((version) => ({ ...version, at: visible(version.at) })),
    ({ scope }) => scope,
  );
  for (const { at, scope, unit, revision, isStale } of samples) {
    if (isStale || revision === null) continue;
    const known = chains.get(scope)?.findLast((version) => version.at <= at - BOUND_MS);
    if (known && revision < known.revision)
      yield `${scope}: ${unit} is served revision ${revision}, ${at - known.at} ms after ${known.revision}`;
  }
}

function* oneArm({ samples, pointers }: History): Iterable<string> {
  const modes = new Map(pointers.map(({ rolloutId, epoch, mode }) => [`${rolloutId} ${epoch}`, mode]));
  const arms = new Map<string, string>();
  for (const { unit, arm, rolloutId, epoch } of samples) {
    if (arm === "unenrolled") continue;
    const key = `${unit} of ${rolloutId}, ${modes.get(`${rolloutId} ${epoch}`)}`;
    const known = arms.get(key);
    if (known !== undefined && known !== arm) yield `${key}: ${known}, then ${arm}`;
    arms.set(key, arm);
  }
}

function* foldedOnce({ counts }: History): Iterable<string> {
  for (const { rolloutId, metric, exposures, open, answered, foldedUnits, foldedValues } of counts) {
    if (foldedUnits !== exposures - open)
      yield `${rolloutId}, ${metric}: ${foldedUnits} units are folded of ${exposures}, ${open} of them open`;
    if (foldedValues > answered)
      yield `${rolloutId}, ${metric}: ${foldedValues} values of ${answered} outcomes`;
  }
}

function named({ kind, tag, scope }: Operation): string {
  return `${kind} ${tag} of ${scope}`;
}

function by<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

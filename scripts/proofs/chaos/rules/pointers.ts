import type { History, PointerVersion } from "../history.ts";
import { by } from "./by.ts";
import { notLinearizable, type RegisterEvent } from "./register.ts";

export function* linear({ pointers }: History): Iterable<string> {
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

export function* audited({ pointers, audit }: History): Iterable<string> {
  const entries = new Map<string, number>();
  for (const { scope, revision } of audit)
    if (revision !== null)
      entries.set(`${scope} ${revision}`, (entries.get(`${scope} ${revision}`) ?? 0) + 1);
  const moves = new Set(pointers.map(({ scope, revision }) => `${scope} ${revision}`));
  for (const move of moves)
    if (entries.get(move) !== 1) yield `${move} has ${entries.get(move) ?? 0} audit entries`;
  for (const entry of entries.keys()) if (!moves.has(entry)) yield `${entry} is in the audit log alone`;
}

/** What clients were answered of each pointer, as the one order in which it can have happened. */
export function* register({ operations, readings, pointers }: History): Iterable<string> {
  const events: (RegisterEvent & { readonly scope: string })[] = readings.map((reading) => ({
    ...reading,
    name: `a reading of ${reading.scope}`,
    writes: false,
  }));
  const written = new Set(pointers.map(({ scope, revision }) => `${scope} ${revision}`));
  for (const operation of operations) {
    const { tag, kind, scope, outcome, expected, revision, startedAt, endedAt } = operation;
    if (revision === undefined || (kind !== "set" && kind !== "roll_back")) continue;
    const writes = outcome === "acknowledged";
    events.push({ scope, name: `${kind} ${tag}`, startedAt, endedAt, revision, writes });
    if (writes && kind === "set" && revision !== expected! + 1)
      yield `${kind} ${tag} of ${scope} expected revision ${expected} and made ${revision}`;
    if (outcome === "refused" && revision === expected)
      yield `${kind} ${tag} of ${scope} was refused at revision ${revision}, which it expected`;
  }
  for (const event of events)
    if (event.revision > 0 && !written.has(`${event.scope} ${event.revision}`))
      yield `${event.name} names revision ${event.revision} of ${event.scope}, which never was`;
  for (const [scope, those] of by(events, (event) => event.scope)) {
    const problem = notLinearizable(those);
    if (problem !== undefined) yield `${scope}: ${problem}`;
  }
}

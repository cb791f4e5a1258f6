/** A write or a read of one register, from before it was asked until after it was answered, in ms. */
export interface RegisterEvent {
  readonly name: string;
  readonly startedAt: number;
  /** Infinity where no answer came: it may take effect at any later time. */
  readonly endedAt: number;
  /** What it wrote, or read. Every write raises it by one. */
  readonly revision: number;
  readonly writes: boolean;
}

/**
 * Why the events cannot have happened one after the other, each at one moment between its start and its end; undefined
 * if they can. A register whose values are revisions that rise by one with each write allows one order of the writes
 * alone, so that no search is needed: each write is put at the earliest moment that all before it leaves, and is too
 * late where that is after its own end, or after the end of a read that has seen it. Linear but for the sorting.
 * (Linearizability is as in Herlihy and Wing, 1990; general histories take exponential time.)
 */
export function notLinearizable(events: readonly RegisterEvent[]): string | undefined {
  const revisions = Map.groupBy(events, ({ revision }) => revision);
  let earliest = -Infinity;
  let cause = "";
  for (const revision of [...revisions.keys()].sort((a, b) => a - b)) {
    const here = revisions.get(revision)!;
    const writes = here.filter((event) => event.writes);
    if (writes.length > 1)
      return `revision ${revision} was written by ${writes.map(({ name }) => name).join(" and ")}`;
    const written = writes[0];
    if (written && written.startedAt > earliest) {
      earliest = written.startedAt;
      cause = written.name;
    }
    const late = here.find(({ endedAt }) => endedAt < earliest);
    if (late)
      return `${late.name} had revision ${revision} and was over ${Math.ceil(earliest - late.endedAt)} ms before ${cause} began, which comes first`;
    // What saw this one was under way when the next was written, or before.
    for (const { startedAt, name, writes: isWrite } of here)
      if (!isWrite && startedAt > earliest) {
        earliest = startedAt;
        cause = name;
      }
  }
  return undefined;
}

import { scopeKey, type ScopeColumns } from "../../domain/scope.ts";
import type { SourcePointer } from "../sources/source.ts";

/** What is known of one scope: its pointer, or that it has none. Shared by every route that looks there. */
export interface PointerEntry {
  readonly key: string;
  readonly scope: ScopeColumns;
  /** Undefined: the scope has no pointer (a negative entry). */
  pointer: SourcePointer | undefined;
  /** When the lease runs out on the resolver's own clock: never later than in the store. */
  leaseEndsAt: number;
  /** When the read that this is from was sent; an answer to an older question is ignored. */
  askedAt: number;
  /** Since when it is to be read again before anything new is made of it; undefined: it is not. */
  doubtedAt: number | undefined;
}

export function pointerEntry(
  scope: ScopeColumns,
  pointer: SourcePointer | undefined,
  askedAt: number,
): PointerEntry {
  const leaseEndsAt = leaseEnd(pointer, askedAt);
  return { key: scopeKey(scope), scope, pointer, leaseEndsAt, askedAt, doubtedAt: undefined };
}

/**
 * Takes over a newer answer. True when what is served may change by it: a prolonged lease alone does not
 * count, routes read it where it is.
 */
export function updateEntry(
  entry: PointerEntry,
  pointer: SourcePointer | undefined,
  askedAt: number,
): boolean {
  if (askedAt < entry.askedAt) return false;
  if (entry.doubtedAt !== undefined && askedAt >= entry.doubtedAt) entry.doubtedAt = undefined;
  const before = entry.pointer;
  entry.askedAt = askedAt;
  entry.pointer = pointer;
  entry.leaseEndsAt = leaseEnd(pointer, askedAt);
  if (before === undefined || pointer === undefined) return before !== pointer;
  return !samePointer(before, pointer);
}

/**
 * The store said how much was left when it answered; counting from when it was asked takes the whole
 * round trip off, so that a slow answer can only shorten a lease.
 */
function leaseEnd(pointer: SourcePointer | undefined, askedAt: number): number {
  return pointer && pointer.leaseMs > 0 ? askedAt + pointer.leaseMs : 0;
}

function samePointer(a: SourcePointer, b: SourcePointer): boolean {
  return (
    a.revision === b.revision &&
    a.activeVersion === b.activeVersion &&
    a.candidateVersion === b.candidateVersion &&
    a.previousVersion === b.previousVersion &&
    a.mode === b.mode &&
    a.share === b.share &&
    a.salt === b.salt &&
    a.epoch === b.epoch &&
    a.rolloutId === b.rolloutId
  );
}

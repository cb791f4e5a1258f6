import { scopeKey } from "../../domain/scope.ts";
import type { SavedPointer, Snapshot } from "./snapshot-file.ts";
import type { SourceVersion } from "../sources/source.ts";

/** What the store has said of one pointer; without `pointer` it serves nothing of its own any more. */
export interface SavedChange {
  readonly pointer: SavedPointer | undefined;
  /** 0: there is no such pointer. */
  readonly revision: number;
}

export interface SnapshotMerge {
  /** What the file holds now. */
  readonly there: Snapshot | undefined;
  /** The pointers that it held when this process last looked. */
  readonly seen: ReadonlyMap<string, SavedPointer>;
  /** What this process has heard of the store, by scope key. */
  readonly changes: ReadonlyMap<string, SavedChange>;
  /** The versions that the changes name, and maybe others. */
  readonly versions: ReadonlyMap<string, SourceVersion>;
  /** Most pointers to keep. */
  readonly max: number;
}

/**
 * The file with this process's changes. Where another process has written the same pointer meanwhile, the
 * higher revision stays. Where nobody has, the store's latest word counts whatever its revision: a store that
 * was set up anew starts again from 1.
 */
export function mergeSnapshot({ there, seen, changes, versions, max }: SnapshotMerge): Snapshot {
  const pointers = new Map((there?.pointers ?? []).map((pointer) => [scopeKey(pointer), pointer]));
  for (const [key, { pointer, revision }] of changes) {
    const theirs = pointers.get(key);
    if (theirs && !isSame(theirs, seen.get(key)) && theirs.revision > revision) continue;
    pointers.delete(key);
    if (pointer) pointers.set(key, pointer);
  }
  for (const key of pointers.keys()) {
    if (pointers.size <= max) break;
    pointers.delete(key);
  }
  const known = new Map((there?.versions ?? []).map((version) => [version.id, version]));
  for (const [id, version] of versions) known.set(id, version);
  const named = new Set([...pointers.values()].map(({ activeVersion }) => activeVersion));
  return {
    pointers: [...pointers.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, pointer]) => pointer),
    versions: [...known.values()]
      .filter(({ id }) => named.has(id))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function isSame(a: SavedPointer, b: SavedPointer | undefined): boolean {
  return a.revision === b?.revision && a.activeVersion === b.activeVersion;
}

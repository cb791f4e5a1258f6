import { columnsScope, scopeKey, type ScopeColumns } from "../../domain/scope.ts";
import { isUsable, loadVersion, type LoadedVersion } from "../serving/loaded-version.ts";
import type { PointerEntry } from "../memory/pointer-entry.ts";
import { plainServing, type ServedRequest, type Serving } from "../serving/serving.ts";
import { mergeSnapshot, type SavedChange } from "./merge-snapshot.ts";
import {
  readSnapshot,
  removeOldDrafts,
  updateSnapshot,
  type SavedPointer,
  type Snapshot,
} from "./snapshot-file.ts";
import type { SourceVersion } from "../sources/source.ts";
import type { Warnings } from "../observing/warnings.ts";
import { messageOf } from "../../domain/errors.ts";

/** How long changes wait for others before the file is written, and how long after that it is looked at again. */
const WRITE_AFTER_MS = 500;

/** A change on its way into the file. It is written, and looked for once more: another process may have been slower. */
interface Pending extends SavedChange {
  written: boolean;
}

/**
 * What the store last said that could be served, kept in a file: for a start while the store is unreachable, and for
 * whatever memory has let go. It carries no lease, so it never serves a candidate. Several processes may
 * share the file: each writes only what it has heard of the store itself, and leaves the rest as it finds it.
 */
export class LastKnownGood {
  readonly #path: string;
  readonly #max: number;
  readonly #warnings: Warnings;
  readonly #pointers = new Map<string, SavedPointer>();
  readonly #versions = new Map<string, SourceVersion>();
  readonly #loaded = new Map<string, LoadedVersion>();
  /** The pointers in the file, when it was last looked at. */
  #seen: ReadonlyMap<string, SavedPointer> = new Map();
  readonly #pending = new Map<string, Pending>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** Keeps at most `max` pointers. */
  constructor(path: string, max: number, warnings: Warnings) {
    this.#path = path;
    this.#max = max;
    this.#warnings = warnings;
  }

  /** Reads the file; one that cannot be used is warned of, and replaced when there is something better. */
  async open(): Promise<void> {
    await removeOldDrafts(this.#path);
    const snapshot = await readSnapshot(this.#path);
    if (snapshot === undefined) return;
    if (typeof snapshot === "string")
      return this.#warnings.report("snapshot_unreadable", `${this.#path} is not used: ${snapshot}`);
    this.#take(snapshot);
  }

  /** What is in the file, and over it what has not been written yet. */
  #take({ pointers, versions }: Snapshot): void {
    this.#seen = new Map(pointers.map((pointer) => [scopeKey(pointer), pointer]));
    this.#pointers.clear();
    for (const [key, pointer] of this.#seen) this.#pointers.set(key, pointer);
    for (const version of versions) this.#versions.set(version.id, version);
    for (const [key, { pointer, written }] of this.#pending) if (!written) this.#set(key, pointer);
    this.#forgetUnnamed();
  }

  /** Set anew, so that what was heard of last stays longest. */
  #set(key: string, pointer: SavedPointer | undefined): void {
    this.#pointers.delete(key);
    if (pointer) this.#pointers.set(key, pointer);
  }

  #forgetUnnamed(): void {
    for (const map of [this.#pointers, this.#pending])
      for (const key of map.keys()) {
        if (map.size <= this.#max) break;
        map.delete(key);
      }
    const named = new Set([...this.#pointers.values()].map(({ activeVersion }) => activeVersion));
    for (const versions of [this.#versions, this.#loaded])
      for (const id of versions.keys()) if (!named.has(id)) versions.delete(id);
  }

  /** What the most specific pointer that was saved serves. */
  serving(request: ServedRequest, scopes: readonly ScopeColumns[]): Serving | undefined {
    for (const scope of scopes) {
      const pointer = this.#pointers.get(scopeKey(scope));
      const version = pointer && this.version(pointer.activeVersion);
      if (version)
        return plainServing(version, request, "active", {
          scope: columnsScope(scope),
          revision: pointer.revision,
          source: "snapshot",
        });
    }
    return undefined;
  }

  version(id: string): LoadedVersion | undefined {
    const known = this.#loaded.get(id);
    if (known) return known;
    const saved = this.#versions.get(id);
    const version = saved && loadVersion(saved);
    if (!isUsable(version)) return undefined;
    this.#loaded.set(id, version);
    return version;
  }

  versionNumbered(prompt: string, number: number): LoadedVersion | undefined {
    for (const version of this.#versions.values())
      if (version.number === number && version.prompt === prompt) return this.version(version.id);
    return undefined;
  }

  /** Takes over what the store has said; what cannot be served does not replace what could be. */
  learn(entries: Iterable<PointerEntry>, versionOf: (id: string) => LoadedVersion | undefined): void {
    for (const { key, pointer } of entries) {
      const id = pointer?.activeVersion;
      if (!pointer || !id) {
        this.#change(key, undefined, pointer?.revision ?? 0);
        continue;
      }
      const version = versionOf(id);
      if (!version) continue;
      const { label, prompt, model, tenant, revision } = pointer;
      this.#change(key, { label, prompt, model, tenant, activeVersion: id, revision }, revision);
      this.#versions.set(id, savedVersion(version));
      this.#loaded.set(id, version);
    }
    this.#forgetUnnamed();
    this.#timer ??= setTimeout(() => this.#write(), WRITE_AFTER_MS).unref();
  }

  #change(key: string, pointer: SavedPointer | undefined, revision: number): void {
    this.#set(key, pointer);
    this.#pending.delete(key);
    this.#pending.set(key, { pointer, revision, written: false });
  }

  /** Writes what has not been written. */
  async close(): Promise<void> {
    if (this.#timer) this.#write();
    await this.#writing;
    clearTimeout(this.#timer);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(() => this.#writeNow())
      .catch((error: unknown) => {
        const why = messageOf(error);
        this.#warnings.report("snapshot_not_written", `${this.#path} could not be written: ${why}`);
      });
  }

  async #writeNow(): Promise<void> {
    const changes = new Map(this.#pending);
    const versions = new Map(this.#versions);
    const inFile = await updateSnapshot(this.#path, (there) =>
      mergeSnapshot({ there, seen: this.#seen, changes, versions, max: this.#max }),
    );
    for (const [key, change] of changes) {
      if (change.written && this.#pending.get(key) === change) this.#pending.delete(key);
      change.written = true;
    }
    this.#take(inFile);
    if (this.#pending.size > 0) this.#timer ??= setTimeout(() => this.#write(), WRITE_AFTER_MS).unref();
  }
}

function savedVersion({ id, prompt, number, sha256, artifact }: LoadedVersion): SourceVersion {
  return { id: id!, prompt: prompt!, number: number!, sha256, artifact };
}

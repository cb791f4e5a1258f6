import { columnsScope, scopeKey, type ScopeColumns } from "../domain/scope.ts";
import { isUsable, loadVersion, type LoadedVersion } from "./loaded-version.ts";
import type { PointerEntry } from "./pointer-entry.ts";
import { plainServing, type ServedRequest, type Serving } from "./serving.ts";
import {
  readSnapshot,
  snapshotText,
  writeSnapshotText,
  type SavedPointer,
  type Snapshot,
} from "./snapshot-file.ts";
import type { SourceVersion } from "./sources/source.ts";
import type { Warnings } from "./warnings.ts";

/** How long changes wait for others before the file is written. */
const WRITE_AFTER_MS = 500;

/**
 * What the store last said that could be served, kept in a file: for a start with the store away, and for
 * whatever memory has let go. It carries no lease, so it never serves a candidate.
 */
export class LastKnownGood {
  readonly #path: string;
  readonly #max: number;
  readonly #warnings: Warnings;
  readonly #pointers = new Map<string, SavedPointer>();
  readonly #versions = new Map<string, SourceVersion>();
  readonly #loaded = new Map<string, LoadedVersion>();
  #written = "";
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
    const snapshot = await readSnapshot(this.#path);
    if (snapshot === undefined) return;
    const problem = typeof snapshot === "string" ? snapshot : this.#take(snapshot);
    if (problem) this.#warnings.say("snapshot_unreadable", `${this.#path} is not used: ${problem}`);
  }

  #take(snapshot: Snapshot): string | undefined {
    if (!Array.isArray(snapshot.pointers) || !Array.isArray(snapshot.versions)) return "it has no pointers";
    for (const pointer of snapshot.pointers) this.#pointers.set(scopeKey(pointer), pointer);
    for (const version of snapshot.versions) this.#versions.set(version.id, version);
    return undefined;
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
        this.#pointers.delete(key);
        continue;
      }
      const version = versionOf(id);
      if (!version) continue;
      const { label, prompt, model, tenant, revision } = pointer;
      // Set anew, so that what was heard of last stays longest.
      this.#pointers.delete(key);
      this.#pointers.set(key, { label, prompt, model, tenant, activeVersion: id, revision });
      this.#versions.set(id, savedVersion(version));
      this.#loaded.set(id, version);
    }
    for (const key of this.#pointers.keys()) {
      if (this.#pointers.size <= this.#max) break;
      this.#pointers.delete(key);
    }
    const named = new Set([...this.#pointers.values()].map(({ activeVersion }) => activeVersion));
    for (const versions of [this.#versions, this.#loaded])
      for (const id of versions.keys()) if (!named.has(id)) versions.delete(id);
    this.#timer ??= setTimeout(() => this.#write(), WRITE_AFTER_MS).unref();
  }

  /** Writes what has not been written. */
  async close(): Promise<void> {
    if (this.#timer) this.#write();
    await this.#writing;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pointers = [...this.#pointers.values()].toSorted((a, b) => (scopeKey(a) < scopeKey(b) ? -1 : 1));
    const versions = [...this.#versions.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const text = snapshotText({ pointers, versions });
    if (text === this.#written) return;
    this.#writing = this.#writing
      .then(() => writeSnapshotText(this.#path, text))
      .then(
        () => void (this.#written = text),
        (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          this.#warnings.say("snapshot_not_written", `${this.#path} could not be written: ${why}`);
        },
      );
  }
}

function savedVersion({ id, prompt, number, sha256, artifact }: LoadedVersion): SourceVersion {
  return { id: id!, prompt: prompt!, number: number!, sha256, artifact };
}

import { randomUUID } from "node:crypto";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import { scopeColumns, scopeKey, type Scope } from "../../domain/scope.ts";
import { digestJson } from "../../digest.ts";
import {
  BatchRefused,
  type RecordBatch,
  type RecordReceipt,
  type Source,
  type SourceAnswer,
  type SourceListener,
  type SourcePointer,
  type SourceQuery,
  type SourceVersion,
  type VersionQuery,
} from "./source.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface PointerSettings {
  /** Version ids, as `addVersion` gave them. */
  readonly active?: string | null;
  readonly previous?: string | null;
  readonly candidate?: string | null;
  readonly mode?: "canary" | "holdback" | null;
  /** Buckets of 10,000, 5,000 at most: 500 is 5 %. */
  readonly share?: number;
  readonly salt?: string;
  readonly epoch?: number;
  readonly rolloutId?: string | null;
  /** From now on. Default: one minute for a pointer with a mode. */
  readonly leaseMs?: number;
}

/**
 * A source without a store, for a service's own tests: versions and pointers are what the test says, and
 * what was recorded can be read back.
 *
 * ```ts
 * const source = new MemorySource();
 * source.setPointer({ label: "production", prompt: "greeting" }, { active: source.addVersion("greeting", artifact) });
 * const prompts = await createResolver({ source });
 * ```
 */
export class MemorySource implements Source {
  readonly name = "memory";
  /** What was recorded, in order. */
  readonly exposures: RecordBatch["exposures"][number][] = [];
  readonly outcomes: RecordBatch["outcomes"][number][] = [];
  /** How many reads of pointers there were. */
  reads = 0;
  readonly #versions = new Map<string, SourceVersion>();
  readonly #pointers = new Map<string, { row: SourcePointer; leaseEndsAt: number }>();
  readonly #ids = new Set<string>();
  #listener: SourceListener | undefined;
  #outage: Error | undefined;

  /** Adds the next version of a prompt, and answers with its id. */
  addVersion(prompt: string, artifact: Artifact): string {
    const number = [...this.#versions.values()].filter((version) => version.prompt === prompt).length + 1;
    return this.putVersion({ id: randomUUID(), prompt, number, sha256: digestJson(artifact), artifact });
  }

  /** Adds a version as it is given, right or wrong. */
  putVersion(version: SourceVersion): string {
    this.#versions.set(version.id, version);
    return version.id;
  }

  removeVersion(id: string): void {
    this.#versions.delete(id);
  }

  /** Sets what a scope serves and tells the resolver, unless `quiet`: then it must find out by itself. */
  setPointer(scope: Scope, pointer: PointerSettings, quiet = false): void {
    const columns = scopeColumns(scope);
    const key = scopeKey(columns);
    const mode = pointer.mode ?? null;
    const leaseMs = pointer.leaseMs ?? (mode === null ? 0 : 60_000);
    this.#pointers.set(key, {
      row: {
        ...columns,
        activeVersion: pointer.active ?? null,
        previousVersion: pointer.previous ?? null,
        candidateVersion: pointer.candidate ?? null,
        mode,
        share: pointer.share ?? 0,
        salt: pointer.salt ?? "",
        epoch: pointer.epoch ?? 0,
        rolloutId: pointer.rolloutId ?? null,
        leaseMs,
        revision: (this.#pointers.get(key)?.row.revision ?? 0) + 1,
      },
      leaseEndsAt: performance.now() + leaseMs,
    });
    if (!quiet && !this.#outage) this.#listener?.moved(columns);
  }

  removePointer(scope: Scope, quiet = false): void {
    const columns = scopeColumns(scope);
    this.#pointers.delete(scopeKey(columns));
    if (!quiet && !this.#outage) this.#listener?.moved(columns);
  }

  /** As if it could not be reached, until {@link reconnect}. */
  disconnect(error: Error = new Error("disconnected")): void {
    this.#outage = error;
    this.#listener?.disconnected(error);
  }

  reconnect(): void {
    this.#outage = undefined;
    this.#listener?.connected();
  }

  async read({ scopes, have }: SourceQuery): Promise<SourceAnswer> {
    this.reads++;
    await this.#reach();
    const known = new Set(have);
    const pointers: SourcePointer[] = [];
    const versions = new Map<string, SourceVersion>();
    for (const scope of scopes) {
      const found = this.#pointers.get(scopeKey(scope));
      if (!found) continue;
      const { row, leaseEndsAt } = found;
      pointers.push({ ...row, leaseMs: Math.max(0, leaseEndsAt - performance.now()) });
      for (const id of [row.activeVersion, row.candidateVersion, row.previousVersion]) {
        const version = id !== null && !known.has(id) ? this.#versions.get(id) : undefined;
        if (version) versions.set(version.id, version);
      }
    }
    return { pointers, versions: [...versions.values()] };
  }

  async readVersion(which: VersionQuery): Promise<SourceVersion | undefined> {
    await this.#reach();
    if ("id" in which) return this.#versions.get(which.id);
    return [...this.#versions.values()].find(
      (version) => version.prompt === which.prompt && version.number === which.number,
    );
  }

  watch(listener: SourceListener): void {
    this.#listener = listener;
    if (!this.#outage) listener.connected();
  }

  async record(batch: string): Promise<RecordReceipt> {
    await this.#reach();
    const { exposures, outcomes } = JSON.parse(batch) as RecordBatch;
    // As a store would.
    const bad = outcomes.find(({ id }) => !UUID.test(id));
    if (bad) throw new BatchRefused(`the id of an outcome must be a UUID, not "${bad.id}"`);
    const fresh = outcomes.filter(({ id }) => !this.#ids.has(id) && this.#ids.add(id));
    this.exposures.push(...exposures);
    this.outcomes.push(...fresh);
    return {
      exposures: exposures.length,
      refusedExposures: 0,
      outcomes: fresh.length,
      joined: 0,
      late: 0,
      refusedValues: 0,
    };
  }

  async close(): Promise<void> {
    this.#listener = undefined;
  }

  async #reach(): Promise<void> {
    await Promise.resolve();
    if (this.#outage) throw this.#outage;
  }
}

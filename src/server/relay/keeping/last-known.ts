import { LRUCache } from "lru-cache";
import { digestJson } from "../../../digest.ts";
import { scopeKey, type ScopeColumns } from "../../../domain/scope.ts";
import type { SourceAnswer, SourcePointer, SourceQuery, SourceVersion } from "../../../resolver/index.ts";
import { NO_CANARY } from "../../../resolver/sources/source.ts";
import type { Snapshot } from "../../../resolver/snapshot/snapshot-file.ts";
import { versionsNamedBy } from "../../serving/coalesced-reads.ts";

const MOST_SCOPES = 100_000;
const MOST_VERSIONS = 20_000;

interface KnownScope {
  readonly scope: ScopeColumns;
  /** Undefined: it has none. */
  readonly pointer: SourcePointer | undefined;
  /** Of this process's own clock, and never later than in the store. */
  readonly leaseEndsAt: number;
  /** When the store was last asked, in ms of the same clock. */
  readonly confirmedAt: number;
}

/** What a server has said of pointers and versions, for when it cannot be asked. */
export class LastKnown {
  readonly #now: () => number;
  readonly #scopes = new LRUCache<string, KnownScope>({ max: MOST_SCOPES });
  readonly #versions = new LRUCache<string, SourceVersion>({ max: MOST_VERSIONS });
  readonly #numbered = new LRUCache<string, string>({ max: MOST_VERSIONS });
  /** Told whenever what would be saved is another. */
  onChange: () => void = () => undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many scopes something is known of. */
  get size(): number {
    return this.#scopes.size;
  }

  /** Takes over what was answered about these scopes when it was asked at `askedAt`. */
  learn(scopes: readonly ScopeColumns[], answer: SourceAnswer, askedAt: number): void {
    for (const version of answer.versions) this.keep(version);
    const pointers = new Map(answer.pointers.map((pointer) => [scopeKey(pointer), pointer]));
    const confirmedAt = askedAt - (answer.ageMs ?? 0);
    let changed = false;
    for (const { label, prompt, model, tenant } of scopes) {
      const scope = { label, prompt, model, tenant };
      const key = scopeKey(scope);
      const pointer = pointers.get(key);
      // The whole way there and back is taken off: a slow answer can only shorten a lease.
      const leaseEndsAt = pointer && pointer.leaseMs > 0 ? askedAt + pointer.leaseMs : 0;
      const before = this.#scopes.peek(key)?.pointer;
      changed ||= before?.revision !== pointer?.revision || before?.activeVersion !== pointer?.activeVersion;
      this.#scopes.set(key, { scope, pointer, leaseEndsAt, confirmedAt });
    }
    if (changed) this.onChange();
  }

  /** Keeps a version, which never changes; one whose hash is not right is mended some day, and asked for again. */
  keep(version: SourceVersion): void {
    if (this.#versions.has(version.id) || digestJson(version.artifact) !== version.sha256) return;
    this.#versions.set(version.id, version);
    this.#numbered.set(`${version.prompt}@${version.number}`, version.id);
  }

  version(id: string): SourceVersion | undefined {
    return this.#versions.get(id);
  }

  versionNumbered(prompt: string, number: number): SourceVersion | undefined {
    const id = this.#numbered.get(`${prompt}@${number}`);
    return id === undefined ? undefined : this.#versions.get(id);
  }

  /** What need not be sent again of the versions that these scopes name. */
  versionsOf(scopes: readonly ScopeColumns[]): string[] {
    const ids = scopes.flatMap((scope) => this.#named(this.#scopes.get(scopeKey(scope))?.pointer));
    return [...new Set(ids)].filter((id) => this.#versions.has(id));
  }

  #named(pointer: SourcePointer | undefined): string[] {
    return pointer ? versionsNamedBy(pointer).filter((id) => id !== null) : [];
  }

  /** The answer with the versions that were left out because they are here. */
  whole({ have }: SourceQuery, { versions, ...answered }: SourceAnswer): SourceAnswer {
    const wanted = new Map(versions.map((version) => [version.id, version]));
    const known = new Set(have);
    for (const id of answered.pointers.flatMap((pointer) => this.#named(pointer)))
      if (!known.has(id) && !wanted.has(id)) {
        const version = this.#versions.get(id);
        if (version) wanted.set(id, version);
      }
    return { ...answered, versions: [...wanted.values()].filter(({ id }) => !known.has(id)) };
  }

  /**
   * What the server said last, with what is left of each lease now; undefined where that is not known of all of it.
   * Of a tenant or a model that was never asked about, what is known of the prompt itself is served, as a snapshot is.
   */
  answer(query: SourceQuery): SourceAnswer | undefined {
    const now = this.#now();
    const pointers: SourcePointer[] = [];
    let confirmedAt = now;
    for (const scope of query.scopes) {
      const known = this.#scopes.get(scopeKey(scope)) ?? this.#inherited(scope);
      if (!known) return undefined;
      confirmedAt = Math.min(confirmedAt, known.confirmedAt);
      if (known.pointer)
        pointers.push({ ...known.pointer, leaseMs: Math.max(0, Math.floor(known.leaseEndsAt - now)) });
    }
    const answered = this.whole(query, { pointers, versions: [], ageMs: Math.ceil(now - confirmedAt) });
    const here = new Set([...query.have, ...answered.versions.map(({ id }) => id)]);
    return pointers.every((pointer) => this.#named(pointer).every((id) => here.has(id)))
      ? answered
      : undefined;
  }

  /** Where the prompt's own pointer is known, a scope that was never asked about counts as one without any. */
  #inherited({ label, prompt, model, tenant }: ScopeColumns): KnownScope | undefined {
    if (prompt !== "" && model === "" && tenant === "") return undefined;
    const general = this.#scopes.get(scopeKey({ label, prompt, model: "", tenant: "" }));
    if (prompt !== "") return general?.pointer && { ...general, pointer: undefined };
    return this.#scopes.size > 0
      ? {
          scope: { label, prompt, model, tenant },
          pointer: undefined,
          leaseEndsAt: 0,
          confirmedAt: this.#now(),
        }
      : undefined;
  }

  /** What a snapshot holds: what scopes serve, and nothing that a lease would have to guard. */
  saved(): Snapshot {
    const pointers = [...this.#scopes.values()].flatMap(({ pointer }) => {
      if (!pointer?.activeVersion || !this.#versions.has(pointer.activeVersion)) return [];
      const { label, prompt, model, tenant, activeVersion, revision } = pointer;
      return [{ label, prompt, model, tenant, activeVersion, revision }];
    });
    const ids = [...new Set(pointers.map(({ activeVersion }) => activeVersion))].toSorted();
    return {
      pointers: pointers.toSorted((a, b) => (scopeKey(a) < scopeKey(b) ? -1 : 1)),
      versions: ids.map((id) => this.#versions.get(id)!),
    };
  }

  /** Takes over a snapshot that is `ageMs` old. What has been heard of the server since stays. */
  restore({ pointers, versions }: Snapshot, ageMs: number): void {
    for (const version of versions) this.keep(version);
    for (const { activeVersion, revision, ...scope } of pointers) {
      const key = scopeKey(scope);
      if (this.#scopes.has(key)) continue;
      const pointer = { ...scope, ...NO_CANARY, activeVersion, revision };
      this.#scopes.set(key, { scope, pointer, leaseEndsAt: 0, confirmedAt: this.#now() - ageMs });
    }
  }
}

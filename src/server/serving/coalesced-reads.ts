import { scopeKey, type ScopeColumns } from "../../domain/scope.ts";
import type {
  Source,
  SourceAnswer,
  SourcePointer,
  SourceQuery,
  SourceVersion,
} from "../../resolver/index.ts";

interface Waiting {
  readonly query: SourceQuery;
  readonly resolve: (answer: SourceAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads that wait while one is under way are answered by one read of all that they ask for, so that the store's work
 * does not grow with the number of services. A read never joins one that has begun, which may be older than the
 * hint that caused it; and nothing is kept, so leases and pointers are as fresh as if each had asked alone.
 */
export class CoalescedReads {
  readonly #source: Pick<Source, "read">;
  #waiting: Waiting[] = [];
  #running = false;
  /** How often the store has been asked. */
  reads = 0;

  constructor(source: Pick<Source, "read">) {
    this.#source = source;
  }

  read(query: SourceQuery): Promise<SourceAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ query, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    // What comes in the same turn of the event loop goes into one read already.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        this.reads++;
        const share = shares(await this.#source.read(together(batch)));
        for (const { query, resolve } of batch) resolve(share(query));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
  }
}

/** Only versions that everybody has may be left out. */
function together(batch: readonly Waiting[]): SourceQuery {
  if (batch.length === 1) return batch[0]!.query;
  const queries = new Set(batch.map(({ query }) => query));
  const scopes = new Map<string, ScopeColumns>();
  const holders = new Map<string, number>();
  for (const query of queries) {
    for (const scope of query.scopes) scopes.set(scopeKey(scope), scope);
    for (const id of new Set(query.have)) holders.set(id, (holders.get(id) ?? 0) + 1);
  }
  const have = [...holders].filter(([, count]) => count === queries.size).map(([id]) => id);
  return { scopes: [...scopes.values()], have };
}

/** Each asker's part of an answer: the same object for who asks by the same one. */
function shares(answer: SourceAnswer): (query: SourceQuery) => SourceAnswer {
  const share = shareOf(answer);
  const made = new Map<SourceQuery, SourceAnswer>();
  return (query) => {
    let part = made.get(query);
    if (!part) made.set(query, (part = share(query)));
    return part;
  };
}

function shareOf(answer: SourceAnswer): (query: SourceQuery) => SourceAnswer {
  const pointers = new Map<string, SourcePointer>(
    answer.pointers.map((pointer) => [scopeKey(pointer), pointer]),
  );
  const versions = new Map<string, SourceVersion>(answer.versions.map((version) => [version.id, version]));
  return ({ scopes, have }) => {
    const mine = new Map<string, SourcePointer>();
    for (const scope of scopes) {
      const key = scopeKey(scope);
      const pointer = pointers.get(key);
      if (pointer) mine.set(key, pointer);
    }
    const known = new Set(have);
    const named = new Set<string>();
    for (const pointer of mine.values())
      for (const id of versionsNamedBy(pointer)) if (id !== null && !known.has(id)) named.add(id);
    return {
      pointers: [...mine.values()],
      versions: [...named].flatMap((id) => versions.get(id) ?? []),
      ...(answer.ageMs !== undefined && { ageMs: answer.ageMs }),
    };
  };
}

/** The versions that a pointer serves to anybody. */
export function versionsNamedBy({ activeVersion, candidateVersion, mode, previousVersion }: SourcePointer) {
  return [activeVersion, candidateVersion, mode === "holdback" ? previousVersion : null];
}

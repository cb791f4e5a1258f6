import { LRUCache } from "lru-cache";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../../storage/database.ts";
import {
  idsOfVersions,
  promptsOfVersions,
  type RolloutArms,
  rolloutsBeginning,
  scopesOfRollouts,
} from "../../storage/read/belonging.ts";

const MOST = 50_000;

/** What versions and rollouts belong to. Neither ever changes, so what is found once is kept. */
export class Belonging {
  readonly #db: Database;
  readonly #prompts = new LRUCache<string, string>({ max: MOST });
  readonly #scopes = new LRUCache<string, ScopeColumns>({ max: MOST });
  readonly #ids = new LRUCache<string, string>({ max: MOST });
  readonly #arms = new LRUCache<string, RolloutArms>({ max: MOST });

  constructor(db: Database) {
    this.#db = db;
  }

  /** The prompt of each version that there is. */
  promptsOf(versions: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    return known(this.#prompts, versions, (ids) => promptsOfVersions(this.#db, ids));
  }

  /** The scope of each rollout that there is. */
  scopesOf(rollouts: Iterable<string>): Promise<ReadonlyMap<string, ScopeColumns>> {
    return known(this.#scopes, rollouts, (ids) => scopesOfRollouts(this.#db, ids));
  }

  /** The id of each version `NAME@N` that there is. */
  idsOf(versions: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    return known(this.#ids, versions, (names) => idsOfVersions(this.#db, names.map(splitVersion)));
  }

  /** The rollout of each `PROMPT BEGINNING` that there is, by the first 8 hex digits of its id. */
  armsOf(rollouts: Iterable<string>): Promise<ReadonlyMap<string, RolloutArms>> {
    return known(this.#arms, rollouts, (names) => rolloutsBeginning(this.#db, names.map(splitRollout)));
  }
}

function splitVersion(name: string) {
  const [prompt = "", number] = name.split("@");
  return { prompt, number: Number(number) };
}

function splitRollout(name: string) {
  const [prompt = "", beginning = ""] = name.split(" ");
  return { prompt, beginning };
}

async function known<T extends object | string>(
  cache: LRUCache<string, T>,
  ids: Iterable<string>,
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    const value = cache.get(id);
    if (value === undefined) missing.push(id);
    else found.set(id, value);
  }
  if (missing.length > 0)
    for (const [id, value] of await read(missing)) {
      cache.set(id, value);
      found.set(id, value);
    }
  return found;
}

import { invalidInput } from "../../domain/errors.ts";
import { scopeKey } from "../../domain/scope.ts";
import { parseSnapshot, type Snapshot } from "../snapshot/snapshot-file.ts";
import {
  BatchRefused,
  NO_CANARY,
  type RecordReceipt,
  type Source,
  type SourceAnswer,
  type SourceListener,
  type SourcePointer,
  type SourceQuery,
  type SourceVersion,
  type VersionQuery,
} from "./source.ts";

/** What a bundle holds, by what it is asked for. */
export interface HeldBundle {
  readonly pointers: ReadonlyMap<string, SourcePointer>;
  readonly versions: ReadonlyMap<string, SourceVersion>;
}

export interface BundleSourceOptions {
  /** Gets the text, as `sluice bundle` wrote it: from a Redis, a parameter store, an object store. */
  readonly read: () => Promise<string>;
  /** Where that is, without secrets: it stands in messages. */
  readonly name: string;
  /** Between two looks, in ms. Default 5,000. */
  readonly everyMs?: number;
}

const USUAL_LOOK_MS = 5_000;

/**
 * A bundle of `sluice bundle`, wherever it is read from: no server and no database. Its hash is checked, and each
 * version's. One that is put in its place is taken over at the next look; a bad one is not, and what was read goes on being
 * served. It knows of no rollouts, so nobody is served a candidate, and it takes no outcomes.
 */
export class BundleSource implements Source {
  readonly name: string;
  #held: HeldBundle;
  readonly #renew: () => Promise<HeldBundle | undefined>;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  /** @param renew gets what is there now; undefined where it is what is held */
  protected constructor(
    name: string,
    held: HeldBundle,
    renew: () => Promise<HeldBundle | undefined>,
    everyMs: number,
  ) {
    this.name = name;
    this.#held = held;
    this.#renew = renew;
    this.#everyMs = everyMs;
  }

  /** Reads it. One that cannot be read rejects as `read` does; one that was cut or changed is `invalid_input`. */
  static async from({ name, read, everyMs = USUAL_LOOK_MS }: BundleSourceOptions): Promise<BundleSource> {
    let text = await read();
    const renew = async () => {
      const now = await read();
      if (now === text) return undefined;
      const held = readBundle(name, parseSnapshot(now));
      text = now;
      return held;
    };
    return new BundleSource(name, readBundle(name, parseSnapshot(text)), renew, everyMs);
  }

  watch(listener: SourceListener): void {
    listener.connected();
    this.#timer = setInterval(() => void this.#look(listener), this.#everyMs).unref();
  }

  async #look(listener: SourceListener): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const held = await this.#renew();
      if (held === undefined) return;
      this.#held = held;
      listener.connected();
      listener.moved();
    } catch (error) {
      listener.disconnected(error);
    } finally {
      this.#isLooking = false;
    }
  }

  read({ scopes, have }: SourceQuery): Promise<SourceAnswer> {
    const { pointers, versions } = this.#held;
    const found = scopes.flatMap((scope) => pointers.get(scopeKey(scope)) ?? []);
    const named = new Set(found.map(({ activeVersion }) => activeVersion));
    const sent = [...named].flatMap((id) =>
      id === null || have.includes(id) ? [] : (versions.get(id) ?? []),
    );
    return Promise.resolve({ pointers: found, versions: sent });
  }

  readVersion(which: VersionQuery): Promise<SourceVersion | undefined> {
    const { versions } = this.#held;
    if ("id" in which) return Promise.resolve(versions.get(which.id));
    return Promise.resolve(
      [...versions.values()].find(({ prompt, number }) => prompt === which.prompt && number === which.number),
    );
  }

  record(): Promise<RecordReceipt> {
    return Promise.reject(
      new BatchRefused(`${this.name} takes no outcomes; report them to a store or a server`),
    );
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }
}

/** What a snapshot holds; `invalid_input` where it is none. */
export function readBundle(name: string, snapshot: Snapshot | string | undefined): HeldBundle {
  if (snapshot === undefined || typeof snapshot === "string")
    throw invalidInput(
      `${name} is not used: ${snapshot ?? "it is gone"}; write it again with sluice bundle, and keep it as it came`,
    );
  const { pointers, versions } = snapshot;
  return {
    pointers: new Map(
      pointers.map((pointer) => [
        scopeKey(pointer),
        {
          ...pointer,
          ...NO_CANARY,
        },
      ]),
    ),
    versions: new Map(versions.map((version) => [version.id, version])),
  };
}

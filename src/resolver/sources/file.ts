import { invalidInput, messageOf } from "../../domain/errors.ts";
import { scopeKey } from "../../domain/scope.ts";
import { fileIdentity, readSnapshot, type Snapshot } from "../snapshot/snapshot-file.ts";
import {
  BatchRefused,
  type RecordReceipt,
  type Source,
  type SourceAnswer,
  type SourceListener,
  type SourcePointer,
  type SourceQuery,
  type SourceVersion,
  type VersionQuery,
} from "./source.ts";

/** How often the file is looked at, in ms. */
const LOOK_MS = 1_000;

/**
 * A file of `sluice bundle`, for a service that is built with its prompts: no server and no database. The file's hash is
 * checked, and each version's. One that is put in its place is taken over within a second; a bad one is not, and what
 * was read goes on being served. It knows of no rollouts, so nobody is served a candidate, and it takes no outcomes.
 */
export class FileSource implements Source {
  readonly name: string;
  readonly #path: string;
  #held: Held;
  #timer: NodeJS.Timeout | undefined;

  private constructor(path: string, held: Held) {
    this.name = `the bundle ${path}`;
    this.#path = path;
    this.#held = held;
  }

  /** Reads it. One that is absent, cut or changed is `invalid_input`. */
  static async open(path: string): Promise<FileSource> {
    return new FileSource(path, await read(path));
  }

  watch(listener: SourceListener): void {
    listener.connected();
    this.#timer = setInterval(() => void this.#look(listener), LOOK_MS).unref();
  }

  async #look(listener: SourceListener): Promise<void> {
    const seen = await fileIdentity(this.#path).catch(() => undefined);
    if (seen === this.#held.identity) return;
    try {
      this.#held = await read(this.#path);
      listener.connected();
      listener.moved();
    } catch (error) {
      listener.disconnected(error);
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

interface Held {
  /** Tells it from the file that is put in its place. */
  readonly identity: string | undefined;
  readonly pointers: ReadonlyMap<string, SourcePointer>;
  readonly versions: ReadonlyMap<string, SourceVersion>;
}

async function read(path: string): Promise<Held> {
  let identity: string | undefined;
  try {
    identity = await fileIdentity(path);
  } catch (error) {
    throw invalidInput(
      `the bundle ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? messageOf(error)})`,
    );
  }
  const snapshot = await readSnapshot(path);
  if (snapshot === undefined || typeof snapshot === "string")
    throw invalidInput(
      `the bundle ${path} is not used: ${snapshot ?? "it is gone"}; write it again with sluice bundle, and keep it as it came`,
      { path },
    );
  return { identity, ...held(snapshot) };
}

function held({ pointers, versions }: Snapshot): Omit<Held, "identity"> {
  return {
    pointers: new Map(
      pointers.map((pointer) => [
        scopeKey(pointer),
        {
          ...pointer,
          previousVersion: null,
          candidateVersion: null,
          mode: null,
          share: 0,
          salt: "",
          epoch: 0,
          rolloutId: null,
          leaseMs: 0,
        },
      ]),
    ),
    versions: new Map(versions.map((version) => [version.id, version])),
  };
}

import { stat } from "node:fs/promises";
import { messageOf } from "../../../domain/errors.ts";
import { readSnapshot, removeOldDrafts, updateSnapshot } from "../../../resolver/snapshot/snapshot-file.ts";
import type { LastKnown } from "./last-known.ts";

const WRITE_AFTER_MS = 1_000;

/** Keeps what is known in a file that the resolver library, and `sluice bundle`, write too. */
export class SavedPointers {
  readonly #path: string;
  readonly #known: LastKnown;
  readonly #warn: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, known: LastKnown, warn: (message: string) => void) {
    this.#path = path;
    this.#known = known;
    this.#warn = warn;
  }

  /** Reads the file; one that cannot be used is warned of, and replaced when there is something better. */
  async open(): Promise<void> {
    await removeOldDrafts(this.#path);
    const snapshot = await readSnapshot(this.#path);
    if (typeof snapshot === "string") this.#warn(`${this.#path} is not used: ${snapshot}`);
    else if (snapshot) this.#known.restore(snapshot, await this.#ageMs());
    this.#known.onChange = () => {
      this.#timer ??= setTimeout(() => this.#write(), WRITE_AFTER_MS).unref();
    };
  }

  async #ageMs(): Promise<number> {
    const { mtimeMs } = await stat(this.#path);
    return Math.max(0, Date.now() - mtimeMs);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(async () => void (await updateSnapshot(this.#path, () => this.#known.saved())))
      .catch((error: unknown) => this.#warn(`${this.#path} could not be written: ${messageOf(error)}`));
  }

  /** Writes what has not been written. */
  async close(): Promise<void> {
    this.#known.onChange = () => undefined;
    if (this.#timer) this.#write();
    await this.#writing;
  }
}

import { LRUCache } from "lru-cache";
import { isUsable, loadVersion, type LoadedVersion, type UnusableVersion } from "./loaded-version.ts";
import type { Source, VersionQuery } from "../sources/source.ts";

export type ExactVersion = LoadedVersion | UnusableVersion | "not_found" | "timeout" | "store_unreachable";

/** How long it is remembered that a version does not exist, or cannot be used. */
const NEGATIVE_MS = 2_000;

/** Versions asked for by number or id. They never change, so one that was read once is never read again. */
export class ExactVersions {
  readonly #source: Source;
  readonly #timeoutMs: number;
  readonly #loaded: LRUCache<string, LoadedVersion>;
  readonly #refused: LRUCache<string, { readonly end: UnusableVersion | "not_found" }>;
  readonly #reading = new Map<string, Promise<ExactVersion>>();

  constructor(source: Source, max: number, timeoutMs: number) {
    this.#source = source;
    this.#timeoutMs = timeoutMs;
    this.#loaded = new LRUCache({ max });
    this.#refused = new LRUCache({ max, ttl: NEGATIVE_MS });
  }

  get size(): number {
    return this.#loaded.size;
  }

  known(which: VersionQuery): LoadedVersion | undefined {
    return this.#loaded.get(key(which));
  }

  async get(which: VersionQuery): Promise<ExactVersion> {
    const name = key(which);
    const known = this.#loaded.get(name) ?? this.#refused.get(name)?.end;
    if (known) return known;
    let reading = this.#reading.get(name);
    if (!reading) {
      reading = this.#read(which).finally(() => this.#reading.delete(name));
      this.#reading.set(name, reading);
    }
    return reading;
  }

  async #read(which: VersionQuery): Promise<ExactVersion> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"timeout">((resolve) => {
      timer = setTimeout(() => resolve("timeout"), this.#timeoutMs);
    });
    try {
      return await Promise.race([this.#readNow(which), late]);
    } catch {
      return "store_unreachable";
    } finally {
      clearTimeout(timer);
    }
  }

  async #readNow(which: VersionQuery): Promise<ExactVersion> {
    const found = await this.#source.readVersion(which);
    const version = found ? loadVersion(found) : "not_found";
    if (version !== "not_found" && isUsable(version)) {
      this.#loaded.set(`${version.prompt}@${version.number}`, version);
      this.#loaded.set(version.id!, version);
    } else this.#refused.set(key(which), { end: version });
    return version;
  }
}

function key(which: VersionQuery): string {
  return "id" in which ? which.id : `${which.prompt}@${which.number}`;
}

import { scopeKey } from "../../domain/scope.ts";
import type { ReadRequest } from "./read-request.ts";

/** How waiting for a request that was not in memory ended. */
export type LoadEnd = "ready" | "timeout" | "store_unreachable";

interface Load {
  readonly request: ReadRequest;
  kept: boolean;
  readonly wait: Promise<LoadEnd>;
  readonly end: (how: LoadEnd) => void;
}

/** Requests remembered as wanted while the store does not answer; past this, they are not. */
const MAX_LOADS = 10_000;

/**
 * Requests that are on their way into memory. Whoever asks for the same one meanwhile waits with it, for
 * as long as the first: a store that is unreachable is waited for once a request, not once a call.
 */
export class ColdLoads {
  readonly #loads = new Map<string, Load>();

  get size(): number {
    return this.#loads.size;
  }

  /** Waits until `settle` finds it loaded, or `timeoutMs`. `start` is called for the first to ask. */
  wait(request: ReadRequest, timeoutMs: number, kept: boolean, start: () => void): Promise<LoadEnd> {
    const key = keyOf(request);
    const known = this.#loads.get(key);
    if (known) {
      known.kept ||= kept;
      return known.wait;
    }
    if (this.#loads.size >= MAX_LOADS) return Promise.resolve("timeout");
    let end!: (how: LoadEnd) => void;
    const wait = new Promise<LoadEnd>((resolve) => {
      const timer = setTimeout(() => resolve("timeout"), timeoutMs);
      end = (how) => {
        clearTimeout(timer);
        resolve(how);
      };
    });
    this.#loads.set(key, { request, kept, wait, end });
    start();
    return wait;
  }

  /** Whether a request will come into memory by itself. */
  has(request: ReadRequest): boolean {
    return this.#loads.has(keyOf(request));
  }

  /** Ends the wait of everything that `load` can now bring into memory. */
  settle(load: (request: ReadRequest, kept: boolean) => boolean): void {
    for (const [key, { request, kept, end }] of this.#loads)
      if (load(request, kept)) {
        this.#loads.delete(key);
        end("ready");
      }
  }

  *requests(): Iterable<ReadRequest> {
    for (const { request } of this.#loads.values()) yield request;
  }

  /** The store is unreachable: nobody waits on, but what was wanted stays so. */
  giveUpWaiting(): void {
    for (const load of this.#loads.values()) load.end("store_unreachable");
  }

  clear(): void {
    this.giveUpWaiting();
    this.#loads.clear();
  }
}

function keyOf({ requested, served }: ReadRequest): string {
  return `${scopeKey(served)}\0${requested.model}`;
}

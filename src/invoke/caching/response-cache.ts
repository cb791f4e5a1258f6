import { LRUCache } from "lru-cache";

/** An answer that may be given again to whoever asks exactly the same. */
export interface CachedAnswer {
  readonly text: string;
  readonly responseModel: string | null;
  /** Times are milliseconds since 1970. Given to anybody until then. */
  readonly freshUntil: number;
  /** Given until then where no model answers. */
  readonly keepUntil: number;
  /** Whose it is: for clearing. The key depends on all of it. */
  readonly prompt: string;
  readonly versionId: string;
  readonly tenant: string;
}

/** Where answers are kept. One that does not answer in 100 ms, or fails, is as one that has nothing. */
export interface ResponseCache {
  get(key: string): CachedAnswer | undefined | Promise<CachedAnswer | undefined>;
  set(key: string, answer: CachedAnswer): void | Promise<void>;
}

/** What to forget: all that matches every part that is given. */
export interface Purge {
  readonly prompt?: string;
  readonly versionId?: string;
  readonly tenant?: string;
}

export interface MemoryCache extends ResponseCache {
  /** How many answers were forgotten. */
  purge(which?: Purge): number;
}

/** Of keys and what is kept with a text, in bytes. */
const OVERHEAD = 400;

/** Answers in this process' memory, at most so many bytes; the least recently used go first. */
export function memoryCache({ maxBytes = 64 << 20 }: { readonly maxBytes?: number } = {}): MemoryCache {
  const kept = new LRUCache<string, CachedAnswer>({
    maxSize: maxBytes,
    sizeCalculation: ({ text }) => text.length * 2 + OVERHEAD,
  });
  return {
    get: (key) => kept.get(key),
    set: (key, answer) => void kept.set(key, answer),
    purge(which = {}) {
      const before = kept.size;
      for (const [key, { prompt, versionId, tenant }] of kept.entries())
        if (
          (which.prompt ?? prompt) === prompt &&
          (which.versionId ?? versionId) === versionId &&
          (which.tenant ?? tenant) === tenant
        )
          kept.delete(key);
      return before - kept.size;
    },
  };
}

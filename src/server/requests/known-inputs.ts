import { LRUCache } from "lru-cache";

/** Characters of the texts that are kept, at most, and of one of them. */
const MOST_CHARACTERS = 8 << 20;
const LONGEST = 64 << 10;

/** What a request gives its route, checked. */
export interface RouteInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** What a body that has come before was found to be. */
export class KnownBody {
  readonly input: RouteInput;

  constructor(input: RouteInput) {
    this.input = input;
  }
}

/**
 * Addresses and bodies that come again and again, by their text, and what they were found to be: each is parsed and
 * checked once. Bounded; those used longest ago are forgotten.
 */
export class KnownInputs {
  readonly #known = new LRUCache<string, KnownBody>({
    maxSize: MOST_CHARACTERS,
    maxEntrySize: LONGEST,
    sizeCalculation: (_, text) => text.length + 1,
  });

  find(text: string): KnownBody | undefined {
    return this.#known.get(text);
  }

  keep(text: string, input: RouteInput): void {
    this.#known.set(text, new KnownBody(input));
  }
}

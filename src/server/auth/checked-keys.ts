import { setTimeout as delay } from "node:timers/promises";
import type { KeyProof } from "../../access/key-text.ts";
import type { CheckedKey } from "../../storage/read/checked-key.ts";
import { isStoreTrouble } from "../../storage/store-failure.ts";

/** What has been found about a key is believed for so long: a revoked one is refused after it, on every replica. */
const BELIEVED_MS = 5_000;
/** While the store is unreachable nobody can revoke a key either, and services go on being served from memory. */
const BELIEVED_WHILE_UNREACHABLE_MS = 86_400_000;
/** A frozen store answers nothing for as long as a query may take: what is known is believed for that time too. */
const PATIENCE_MS = 500;
const MOST_WRONG = 1_000;

interface Known {
  /** Undefined: it is no good. */
  readonly key: CheckedKey | undefined;
  readonly at: number;
}

export interface KeyBelief {
  /** For how long what was found about a key is believed, in ms. */
  readonly believedMs: number;
  /** Whether a key that was good is believed for a day while nobody can be asked. */
  readonly isKeptWhileAway: (key: CheckedKey) => boolean;
  readonly now: () => number;
}

/** Which keys are good. Each is asked of the store once in a while, however many requests show it. */
export class CheckedKeys<Shown extends KeyProof = KeyProof> {
  readonly #read: (shown: Shown) => Promise<CheckedKey | undefined>;
  readonly #now: () => number;
  readonly #believedMs: number;
  readonly #isKeptWhileAway: KeyBelief["isKeptWhileAway"];
  /** Apart, so that whoever makes up keys pushes out no good one. */
  readonly #good = new Map<string, Known>();
  readonly #wrong = new Map<string, Known>();
  readonly #pending = new Map<string, { readonly answer: Promise<Known>; readonly since: number }>();

  constructor(
    read: (shown: Shown) => Promise<CheckedKey | undefined>,
    {
      believedMs = BELIEVED_MS,
      isKeptWhileAway = () => true,
      now = () => performance.now(),
    }: Partial<KeyBelief> = {},
  ) {
    this.#read = read;
    this.#now = now;
    this.#believedMs = believedMs;
    this.#isKeptWhileAway = isKeptWhileAway;
  }

  /** The key, or undefined where it is no good. Fails as the store does, for a key that is not known yet. */
  async check(shown: Shown): Promise<CheckedKey | undefined> {
    const name = nameOf(shown);
    const known = this.#good.get(name) ?? this.#wrong.get(name);
    if (known && this.#now() - known.at < this.#believedMs) return this.#still(known);
    const { answer: fresh, since } = this.#fresh(shown);
    const isKept = known?.key !== undefined && this.#isKeptWhileAway(known.key);
    if (!isKept || this.#now() - known.at >= BELIEVED_WHILE_UNREACHABLE_MS) return this.#still(await fresh);
    try {
      const patienceMs = Math.max(0, PATIENCE_MS - (this.#now() - since));
      return this.#still(await soonOr(fresh, known, patienceMs));
    } catch (error) {
      if (isStoreTrouble(error)) return this.#still(known);
      throw error;
    }
  }

  /** The key of this name ({@link nameOf}), where it is known to be good and need not be asked about yet. */
  believed(name: string): CheckedKey | undefined {
    const known = this.#good.get(name);
    return known && this.#now() - known.at < BELIEVED_MS ? this.#still(known) : undefined;
  }

  /** Asks the store about a key again the next time, or about every key. */
  forget(id?: string): void {
    // Kept for when the store is unreachable; only its age is.
    for (const [name, known] of this.#good)
      if (id === undefined || name.startsWith(`${id} `))
        this.#good.set(name, { ...known, at: Math.min(known.at, this.#now() - this.#believedMs) });
  }

  /** A key that has expired since it was checked is no good, whatever the store said then. */
  #still({ key, at }: Known): CheckedKey | undefined {
    if (!key || key.expiresInMs === null || this.#now() - at < key.expiresInMs) return key;
    return undefined;
  }

  /** One question at a time about a key, and since when the store has been asked. */
  #fresh(shown: Shown): { readonly answer: Promise<Known>; readonly since: number } {
    const name = nameOf(shown);
    const pending = this.#pending.get(name);
    if (pending) return pending;
    const answer = this.#readStore(name, shown).finally(() => this.#pending.delete(name));
    const reading = { answer, since: this.#now() };
    this.#pending.set(name, reading);
    return reading;
  }

  async #readStore(name: string, shown: Shown): Promise<Known> {
    const at = this.#now();
    const known: Known = { key: await this.#read(shown), at };
    const [here, there] = known.key ? [this.#good, this.#wrong] : [this.#wrong, this.#good];
    there.delete(name);
    here.set(name, known);
    if (this.#wrong.size > MOST_WRONG) this.#wrong.delete(this.#wrong.keys().next().value!);
    return known;
  }
}

/** What comes within a moment, or else what is known; what comes later is for whoever asks then. */
async function soonOr(fresh: Promise<Known>, known: Known, withinMs: number): Promise<Known> {
  const late = new AbortController();
  try {
    return await Promise.race([fresh, delay(withinMs, known, { ref: false, signal: late.signal })]);
  } finally {
    late.abort();
    fresh.catch(() => undefined);
  }
}

/** What a key is known under. A proof is a hash: how long looking for it takes says nothing of the secret. */
export function nameOf({ id, proof }: KeyProof): string {
  return `${id} ${proof.toString("base64")}`;
}

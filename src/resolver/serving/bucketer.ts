import { BUCKETS, bucketOf } from "../../domain/rollout/assignment.ts";

/**
 * `bucketOf` for one salt and many units: the same number, found about three times faster. The salt's
 * part of the hash is computed once, and a unit of plain ASCII is hashed without being encoded first.
 */
export class Bucketer {
  readonly salt: string;
  /** Hash state after the whole words of `salt:`, and the bytes of it that did not fill a word. */
  readonly #state: number;
  readonly #rest: number;
  readonly #restBits: number;
  readonly #length: number;

  constructor(salt: string) {
    this.salt = salt;
    const bytes = new TextEncoder().encode(`${salt}:`);
    const whole = bytes.length & ~3;
    let h = 0;
    for (let i = 0; i < whole; i += 4)
      h = mixed(h, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    let rest = 0;
    for (let i = whole; i < bytes.length; i++) rest |= bytes[i]! << ((i - whole) * 8);
    this.#state = h;
    this.#rest = rest;
    this.#restBits = (bytes.length - whole) * 8;
    this.#length = bytes.length;
  }

  bucket(unit: string): number {
    const { length } = unit;
    const bits = this.#restBits;
    let h = this.#state;
    let word = this.#rest;
    let seen = 0;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      const a = unit.charCodeAt(i);
      const b = unit.charCodeAt(i + 1);
      const c = unit.charCodeAt(i + 2);
      const d = unit.charCodeAt(i + 3);
      seen |= a | b | c | d;
      const four = a | (b << 8) | (c << 16) | (d << 24);
      h = mixed(h, word | (four << bits));
      word = bits === 0 ? 0 : four >>> (32 - bits);
    }
    let filled = bits;
    for (; i < length; i++) {
      const code = unit.charCodeAt(i);
      seen |= code;
      word |= code << filled;
      filled += 8;
      if (filled === 32) {
        h = mixed(h, word);
        word = 0;
        filled = 0;
      }
    }
    if (seen > 127) return bucketOf(this.salt, unit);
    if (filled > 0) h ^= scramble(word);
    h ^= this.#length + length;
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
    return (h >>> 0) % BUCKETS;
  }
}

function mixed(state: number, word: number): number {
  const h = state ^ scramble(word);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function scramble(word: number): number {
  const c = Math.imul(word, 0xcc9e2d51);
  return Math.imul((c << 15) | (c >>> 17), 0x1b873593);
}

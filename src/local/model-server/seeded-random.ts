import { murmur3 } from "../../domain/rollout/assignment.ts";

const encoder = new TextEncoder();

/** A number from 0 to 2^32 - 1 that depends on nothing but the text and the seed. */
export function hashText(text: string, seed = 0): number {
  return murmur3(encoder.encode(text), undefined, seed);
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32, in the public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of the items, by the next number. */
export function pick<T>(items: readonly [T, ...T[]], random: () => number): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

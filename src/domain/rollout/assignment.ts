/** Which arm a unit is in: a pure function of salt and unit, so every process agrees without talking. */

export const BUCKETS = 10_000;

export type Arm = "candidate" | "control" | "unenrolled";

/** The arms that are analysed. */
export type EnrolledArm = Exclude<Arm, "unenrolled">;

const encoder = new TextEncoder();

/**
 * MurmurHash3 x86 32-bit over bytes (Austin Appleby's public-domain algorithm), seed 0 by default.
 * Unsigned 32-bit result.
 */
export function murmur3(bytes: Uint8Array, length: number = bytes.length, seed = 0): number {
  let h = seed | 0;
  const end = length & ~3;
  for (let i = 0; i < end; i += 4) {
    const k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    h ^= scramble(k);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  const rest = length & 3;
  if (rest > 0) {
    let tail = bytes[end]!;
    if (rest > 1) tail ^= bytes[end + 1]! << 8;
    if (rest > 2) tail ^= bytes[end + 2]! << 16;
    h ^= scramble(tail);
  }
  h ^= length;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

function scramble(k: number): number {
  const c = Math.imul(k, 0xcc9e2d51);
  return Math.imul((c << 15) | (c >>> 17), 0x1b873593);
}

let scratch = new Uint8Array(512);

/** The bucket, 0 to 9,999, of a unit under a salt: murmur3 of the UTF-8 of `salt:unit`, modulo 10,000. */
export function bucketOf(salt: string, unit: string): number {
  const text = `${salt}:${unit}`;
  const most = text.length * 3;
  if (most > scratch.length) scratch = new Uint8Array(most * 2);
  const { written } = encoder.encodeInto(text, scratch);
  return murmur3(scratch, written) % BUCKETS;
}

/**
 * The arm of a bucket when the candidate has `share` buckets (at most half of them): the candidate is
 * [0, share), its matched control the same number at the other end, [10000 - share, 10000). Growing the
 * share enrols new units and never moves an enrolled one.
 */
export function armOf(bucket: number, share: number): Arm {
  if (bucket < share) return "candidate";
  if (bucket >= BUCKETS - share) return "control";
  return "unenrolled";
}

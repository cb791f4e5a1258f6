const SPACE = 0x20;
const NEWLINE = 0x0a;
const PADDING = 0x3d;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SIX_BITS = new Uint8Array(128);
for (let at = 0; at < ALPHABET.length; at++) SIX_BITS[ALPHABET.charCodeAt(at)] = at;

/** FNV-1a, 32 bits. */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The rank of each token, by its bytes: an open-addressed hash table in a few typed arrays. A `Map` of the 200,000
 * tokens takes three times as long to make and more than twice the memory, in each process that counts.
 */
export class RankTable {
  readonly #bytes: Uint8Array;
  /** Where each token begins in the bytes; it ends where the next one begins. */
  readonly #starts: Int32Array;
  readonly #ranks: Int32Array;
  /** A token's place in the lists and 1, at its hash or the next free place behind; 0: free. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  #size = 0;

  /** Of lines "! FIRST TOKEN TOKEN …": tokens in base64, their ranks one after the other from FIRST. */
  constructor(text: string) {
    const most = count(text, SPACE);
    this.#mask = 2 ** Math.ceil(Math.log2(2 * most)) - 1;
    this.#slots = new Int32Array(this.#mask + 1);
    this.#ranks = new Int32Array(most);
    this.#starts = new Int32Array(most + 1);
    this.#bytes = new Uint8Array(Math.ceil((3 * text.length) / 4));
    for (let at = 0; at < text.length;) at = this.#addLine(text, at);
  }

  /** Of the bytes, each written as the character of its number; Infinity where they are no token. */
  rankOf(bytes: string, from = 0, to = bytes.length): number {
    let hash = FNV_BASIS;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes.charCodeAt(at), FNV_PRIME);
    for (let slot = this.#slotOf(hash); ; slot = (slot + 1) & this.#mask) {
      const token = this.#slots[slot]! - 1;
      if (token < 0) return Infinity;
      if (this.#is(token, bytes, from, to)) return this.#ranks[token]!;
    }
  }

  #is(token: number, bytes: string, from: number, to: number): boolean {
    const start = this.#starts[token]!;
    if (this.#starts[token + 1]! - start !== to - from) return false;
    for (let at = from; at < to; at++)
      if (this.#bytes[start + at - from] !== bytes.charCodeAt(at)) return false;
    return true;
  }

  /** Adds a line's tokens; where the next line begins. */
  #addLine(text: string, start: number): number {
    const first = text.indexOf(" ", start) + 1;
    let at = text.indexOf(" ", first) + 1;
    let rank = Number(text.slice(first, at - 1));
    for (;;) {
      at = this.#addToken(text, at, rank++);
      if (at >= text.length || text.charCodeAt(at) === NEWLINE) return at + 1;
      at++;
    }
  }

  /** Adds the token that begins here; where it ends. */
  #addToken(text: string, start: number, rank: number): number {
    let end = this.#starts[this.#size]!;
    let hash = FNV_BASIS;
    let bits = 0;
    let held = 0;
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === SPACE || code === NEWLINE) break;
      if (code === PADDING) continue;
      bits = ((bits << 6) | SIX_BITS[code]!) & 0xffff;
      held += 6;
      if (held < 8) continue;
      held -= 8;
      const byte = (bits >> held) & 0xff;
      this.#bytes[end++] = byte;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    let slot = this.#slotOf(hash);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#ranks[this.#size] = rank;
    this.#slots[slot] = ++this.#size;
    this.#starts[this.#size] = end;
    return at;
  }

  /** The upper bits are the better mixed ones. */
  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.#mask;
  }
}

function count(text: string, code: number): number {
  let found = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === code) found++;
  return found;
}

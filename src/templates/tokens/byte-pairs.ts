import { RankTable } from "./rank-table.ts";
import type { EncodingName } from "./token-encodings.ts";

/** A count of tokens, and whether it is the model's own or an estimate. */
export interface TokenCount {
  readonly tokens: number;
  readonly exact: boolean;
}

/** Characters of one piece (a word, a run of blanks) that are counted at once; merging takes their square. */
export const MAX_PIECE = 1_000;

/** A table of byte pairs, loaded: counts in time linear in the text. */
export class BytePairs {
  readonly #pieces: RegExp;
  /** What is merged: low ranks first. */
  readonly #ranks: RankTable;

  constructor(pattern: string, ranks: RankTable) {
    this.#pieces = new RegExp(pattern, "gu");
    this.#ranks = ranks;
  }

  /** No text is a special token here: it is all content. A piece past {@link MAX_PIECE} is cut, and the count inexact. */
  count(text: string): TokenCount {
    let tokens = 0;
    let exact = true;
    for (const [piece] of text.matchAll(this.#pieces)) {
      if (piece.length <= MAX_PIECE) tokens += this.#countPiece(piece);
      else {
        exact = false;
        for (let at = 0; at < piece.length; at += MAX_PIECE)
          tokens += this.#countPiece(piece.slice(at, at + MAX_PIECE));
      }
    }
    return { tokens, exact };
  }

  #countPiece(piece: string): number {
    const bytes = byteString(piece);
    if (bytes.length < 2 || this.#ranks.rankOf(bytes) !== Infinity) return 1;
    // starts[i] is where part i begins; ranks[i] is that of part i joined with the next one.
    const starts = Array.from({ length: bytes.length + 1 }, (_, i) => i);
    const rankAt = (i: number) => this.#ranks.rankOf(bytes, starts[i], starts[i + 2]);
    const ranks = Array.from({ length: bytes.length - 1 }, (_, i) => rankAt(i));
    for (;;) {
      let best = 0;
      for (let i = 1; i < ranks.length; i++) if (ranks[i]! < ranks[best]!) best = i;
      if (ranks.length === 0 || ranks[best] === Infinity) return starts.length - 1;
      starts.splice(best + 1, 1);
      ranks.splice(best, 1);
      if (best < ranks.length) ranks[best] = rankAt(best);
      if (best > 0) ranks[best - 1] = rankAt(best - 1);
    }
  }
}

const UTF8 = new TextEncoder();

function byteString(text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return String.fromCharCode(...UTF8.encode(text));
}

const loaded = new Map<EncodingName, Promise<BytePairs>>();

/** The tables take some time and megabytes each, so one is loaded when it is first needed. */
export function loadBytePairs(name: EncodingName): Promise<BytePairs> {
  const known = loaded.get(name) ?? load(name);
  loaded.set(name, known);
  return known;
}

async function load(name: EncodingName): Promise<BytePairs> {
  const { default: table } =
    name === "cl100k_base"
      ? await import("js-tiktoken/ranks/cl100k_base")
      : await import("js-tiktoken/ranks/o200k_base");
  return new BytePairs(table.pat_str, new RankTable(table.bpe_ranks));
}

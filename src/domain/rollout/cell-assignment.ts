import { BUCKETS, murmur3, type Arm } from "./assignment.ts";

/**
 * The arms of cells: the beginnings, in hex digits, of a digest of the unit, by which clients that keep a prompt for
 * each label that they ask for can take part in a canary without keeping one for each unit.
 */

/** Hex digits of a cell: from 16 to 65,536 of them. */
export const MAX_CELL_DIGITS = 4;

const encoder = new TextEncoder();

/**
 * The order of the cells of one salt: by murmur3 of `salt:~CELL`, and by the cell where two are equal. Arms are made
 * of ranks and not of hashed buckets, so that both have equally many cells, however few there are.
 */
export class CellRanks {
  readonly #salt: string;
  /** By the number of digits; the rank of each cell. */
  readonly #ranks = new Map<number, Uint16Array>();

  constructor(salt: string) {
    this.#salt = salt;
  }

  /**
   * The arm of a cell (lower-case hex, 1 to 4 digits) when the candidate has `share` of 10,000 (at most half). Of the K
   * cells of that length as many as the share says, at least one of a share that is not 0, are the candidate's, in the
   * order of the ranks; as many at the other end are its control. Growing the share never moves an enrolled cell.
   */
  armOf(cell: string, share: number): Arm {
    const cells = 16 ** cell.length;
    const enrolled = share > 0 ? Math.min(cells / 2, Math.max(1, Math.round((share * cells) / BUCKETS))) : 0;
    const rank = this.#of(cell.length)[Number.parseInt(cell, 16)]!;
    if (rank < enrolled) return "candidate";
    return rank >= cells - enrolled ? "control" : "unenrolled";
  }

  #of(digits: number): Uint16Array {
    const known = this.#ranks.get(digits);
    if (known) return known;
    const cells = 16 ** digits;
    // The hash and the cell in one number, which no float rounds: 48 bits.
    const order = new Float64Array(cells);
    for (let cell = 0; cell < cells; cell++) {
      const name = cell.toString(16).padStart(digits, "0");
      order[cell] = murmur3(encoder.encode(`${this.#salt}:~${name}`)) * cells + cell;
    }
    order.sort();
    const ranks = new Uint16Array(cells);
    for (const [rank, one] of order.entries()) ranks[one % cells] = rank;
    this.#ranks.set(digits, ranks);
    return ranks;
  }
}

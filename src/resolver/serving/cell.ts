import { MAX_CELL_DIGITS } from "../../domain/rollout/cell-assignment.ts";

const CELL = new RegExp(`^[0-9a-f]{1,${MAX_CELL_DIGITS}}$`);

/**
 * Units whose digests begin with the same hex digits, in place of one unit: they are served as one, and in the same
 * arm. For what serves clients that keep a prompt a label, and so cannot ask for each of their units.
 */
export class Cell {
  readonly digits: string;

  /** Throws a TypeError for anything but 1 to 4 lower-case hex digits. */
  constructor(digits: string) {
    if (!CELL.test(digits)) throw new TypeError("a cell is 1 to 4 lower-case hex digits");
    this.digits = digits;
  }
}

import { Cell } from "../../resolver/serving/cell.ts";

/** The label that a client asks for, and for whom: it keeps what it gets for each text that it asks by. */
export interface AskedLabel {
  readonly label: string;
  /** Undefined: for anybody. */
  readonly unit: string | Cell | undefined;
}

/** `production`, `production~~0a` with a cell (1 to 4 hex digits), `production~user-1` with a unit. */
export const ASKED_LABEL = /^([a-z0-9_.-]{1,36})(?:~~([0-9a-f]{1,4})|~([^~][\s\S]{0,511}))?$/;

/** Of a text that {@link ASKED_LABEL} has matched. */
export function readAskedLabel(text: string): AskedLabel {
  const [, label, digits, unit] = ASKED_LABEL.exec(text)!;
  return { label: label!, unit: digits === undefined ? unit : new Cell(digits) };
}

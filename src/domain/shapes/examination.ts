/** Of which part of an installation something is said, in the order in which they are looked at. */
export const EXAMINED_PARTS = ["sluice", "postgres", "temporal", "models", "rollouts"] as const;
export type ExaminedPart = (typeof EXAMINED_PARTS)[number];

/** `note`: worth knowing and nothing to do, `todo`: something to do, `down`: cannot be reached. */
export type CheckState = "ok" | "note" | "todo" | "down";

/** What was looked at, and how it is. */
export interface Check {
  readonly part: ExaminedPart;
  /** What it is about, in a word or two: `schema`, `workers`. */
  readonly name: string;
  readonly state: CheckState;
  /** One sentence. */
  readonly said: string;
  /** What to do; null where nothing is. */
  readonly todo: string | null;
}

/** What `sluice doctor` found. */
export interface Examination {
  /** The worst of them, of which a note is none. */
  readonly state: "ok" | "todo" | "down";
  readonly checks: readonly Check[];
}

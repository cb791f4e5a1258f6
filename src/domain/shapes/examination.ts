/** Of which part of an installation something is said, in the order in which they are looked at. */
export const EXAMINED_PARTS = ["sluice", "postgres", "temporal", "models", "rollouts"] as const;
export type ExaminedPart = (typeof EXAMINED_PARTS)[number];

/** `note`: worth knowing and nothing to do, `todo`: something to do, `down`: cannot be reached. */
export const CHECK_STATES = ["ok", "note", "todo", "down"] as const;
export type CheckState = (typeof CHECK_STATES)[number];

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

/** Whether somebody has to do something about it. */
export function needsALook({ state }: Check): boolean {
  return state === "todo" || state === "down";
}

/** The worst of what was found, of which a note is none. */
export const EXAMINATION_STATES = ["ok", "todo", "down"] as const;

/** What `sluice doctor` found. */
export interface Examination {
  readonly state: (typeof EXAMINATION_STATES)[number];
  readonly checks: readonly Check[];
}

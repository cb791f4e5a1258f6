/** Where a worker can be killed, to the statement. */
export const POINTS = [
  "before an operation",
  "inside an operation",
  "at an operation's commit",
  "after an operation's commit",
  "as it renews a lease",
  "as it folds",
] as const;
export type Point = (typeof POINTS)[number];

/** What a worker is told. */
export interface DieAt {
  readonly dieAt: Point;
}

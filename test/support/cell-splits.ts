import { armOf, bucketOf, type Arm } from "../../src/domain/rollout/assignment.ts";
import { CellRanks } from "../../src/domain/rollout/cell-assignment.ts";
import { digestText } from "../../src/digest.ts";
import { chiSquareTail } from "../../src/statistics/distributions.ts";

/** Which arm a salt puts a cell in. */
export type Assign = (salt: string) => (cell: string) => Arm;

export const byRank =
  (share: number): Assign =>
  (salt) => {
    const ranks = new CellRanks(salt);
    return (cell) => ranks.armOf(cell, share);
  };

/** What ranks are there instead of: the cell in a bucket of its own, as a unit is. */
export const byBucket =
  (share: number): Assign =>
  (salt) =>
  (cell) =>
    armOf(bucketOf(salt, cell), share);

/** How many of `users` fall into each cell of so many hex digits. */
export function usersByCell(users: number, digits: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < users; i++) {
    const cell = digestText(`user-${i}`).slice(0, digits);
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return counts;
}

/** Of so many A/A rollouts, each with a salt of its own, those whose split a chi-square test calls uneven at p < 0.001. */
export function falseAlarms(
  cells: ReadonlyMap<string, number>,
  assign: Assign,
  rollouts: number,
  seed: number,
): number {
  let alarms = 0;
  for (let rollout = 0; rollout < rollouts; rollout++) {
    const armOfCell = assign(digestText(`${seed} ${rollout}`));
    const users = { candidate: 0, control: 0, unenrolled: 0 };
    for (const [cell, count] of cells) users[armOfCell(cell)] += count;
    const { candidate, control } = users;
    const statistic = (candidate - control) ** 2 / (candidate + control);
    if (chiSquareTail(statistic, 1) < 0.001) alarms++;
  }
  return alarms;
}

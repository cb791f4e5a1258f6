import { seededRandom } from "../src/statistics/planning/seeded-random.ts";
import type { Row } from "./row.ts";
import { CANARY, world } from "./statistics-base.ts";
import { rate, runWorld } from "./statistics-world.ts";

/** Ten versions one after the other, each measured against the one before. */
export function ledgerRows(seed: number, until: number): readonly Row[] {
  const scene = (points: number) => {
    const random = seededRandom(seed);
    const found = { runs: 0, lost: 0, promoted: 0 };
    const end = performance.now() + Math.max(4000, (until - performance.now()) / 2);
    while (found.runs < 400 && (found.runs < 20 || performance.now() < end)) {
      let [quality, spent, steps] = [0.85, 0, 0];
      for (let version = 0; version < 10; version++) {
        const ended = runWorld(
          world(
            (arm, n, draw) => ({ success: rate(draw, n, arm === "candidate" ? quality + points : quality) }),
            {
              step: 150,
              canary: { ...CANARY, min_units: 600 },
              ledger: { anchor: "a", anchorName: "a", metrics: { success: { spent, steps } } },
            },
          ),
          "3",
          random,
        );
        if (ended.verdict !== "promote") continue;
        quality += points;
        spent += ended.steps["success"]!.loss + ended.steps["success"]!.se;
        steps++;
      }
      found.runs++;
      found.promoted += steps;
      if (quality < 0.85 - 0.05 + 1e-9) found.lost++;
    }
    return found;
  };
  const worseEach = scene(-0.01);
  const same = scene(0);
  const row = (work: string, ours: number, peer: number, goal: number, met: boolean, runs: number): Row => ({
    work,
    ours,
    unit: work.includes("promoted") ? "versions" : "of runs",
    peer,
    peerName: "rules of version 2",
    limit: null,
    ratio: null,
    goal,
    met,
    runs,
  });
  const lostShare = worseEach.lost / worseEach.runs;
  const se = Math.sqrt((lostShare * (1 - lostShare)) / worseEach.runs);
  return [
    row(
      "ten versions, each 1 point worse, margin 5: margin lost",
      lostShare,
      1,
      0.1,
      lostShare <= 0.1 + 2 * se,
      worseEach.runs,
    ),
    row(
      "ten harmless versions: promoted",
      same.promoted / same.runs,
      9.8,
      7,
      same.promoted / same.runs >= 7,
      same.runs,
    ),
  ];
}

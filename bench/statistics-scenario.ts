/** A scenario as a row: how often it ends so, or after how many units, by the rules now and by those before. */
import { passRateBounds } from "../src/statistics/index.ts";
import type { Verdict } from "../src/domain/rollout/verdict.ts";
import { seededRandom } from "../src/statistics/planning/seeded-random.ts";
import type { Row } from "./row.ts";
import { runWorld, type Ended, type World } from "./statistics-world.ts";

export interface Scenario {
  readonly work: string;
  readonly measure: (seed: number, until: number) => Row;
}

const BEFORE = "rules of version 2";
const LEAST_RUNS = 12;

/** The share of runs that end with a verdict; the goal is met where chance cannot explain more (or less). */
export function share(
  work: string,
  world: World,
  verdict: Verdict,
  goal: { readonly most: number } | { readonly least: number },
  runs = 200,
  before = world,
): Scenario {
  return {
    work,
    measure: (seed, until) => {
      const half = performance.now() + (until - performance.now()) * 0.7;
      const ours = endings(world, "3", runs, seed, half);
      const old = endings(before, before === world ? "2" : "3", Math.min(runs, 60), seed, until);
      const part = (some: readonly Ended[]) =>
        some.filter((one) => one.verdict === verdict).length / some.length;
      const { lower, upper } = passRateBounds(part(ours), ours.length, 0.01);
      const met = "most" in goal ? lower <= goal.most : upper >= goal.least;
      return {
        ...EMPTY,
        work,
        ours: part(ours),
        unit: "of runs",
        peer: part(old),
        peerName: before === world ? BEFORE : "the other setting",
        goal: "most" in goal ? goal.most : goal.least,
        met,
        se: Math.sqrt((part(ours) * (1 - part(ours))) / ours.length),
        runs: ours.length,
      };
    },
  };
}

/** The median of units until a verdict; null where fewer than half of the runs come to it. */
export function median(
  work: string,
  world: World,
  verdict: Verdict,
  goal: number,
  side: "most" | "least" = "most",
  runs = 60,
): Scenario {
  return {
    work,
    measure: (seed, until) => {
      const half = performance.now() + (until - performance.now()) * 0.6;
      const ours = endings(world, "3", runs, seed, half);
      const old = endings(world, "2", Math.min(runs, 30), seed, until);
      const of = (some: readonly Ended[]) => {
        const units = some
          .map((one) => (one.verdict === verdict ? one.units : Infinity))
          .toSorted((a, b) => a - b)[some.length >> 1]!;
        return Number.isFinite(units) ? units : null;
      };
      const found = of(ours);
      return {
        ...EMPTY,
        work,
        ours: found,
        unit: "units an arm",
        peer: of(old),
        peerName: BEFORE,
        goal,
        met: found !== null && (side === "most" ? found <= goal : found >= goal),
        runs: ours.length,
      };
    },
  };
}

const EMPTY = { limit: null, ratio: null };

function endings(world: World, version: string, runs: number, seed: number, until: number): readonly Ended[] {
  const random = seededRandom(seed);
  const ended: Ended[] = [];
  while (ended.length < runs && (ended.length < LEAST_RUNS || performance.now() < until))
    ended.push(runWorld(world, version, random));
  return ended;
}

import { describe, expect, it } from "vitest";
import { RolloutWatches, type SeenStatus } from "../../src/server/rollout-watches.ts";
import { eventually } from "../resolver/support/eventually.ts";

/** A rollout whose state is what it was last set to, and a store that may be away. */
function scene() {
  const state = { status: { phase: "canary", outcome: null as string | null, stage: 1 }, isAway: false };
  const watches = new RolloutWatches(async () => {
    if (state.isAway) throw new Error("Postgres is away");
    return { ...state.status } as never;
  }, 5);
  return { state, watches };
}

describe("the rollouts that are watched", () => {
  it("are looked at once a moment, however many watch, and not any more once nobody does", async () => {
    const { state, watches } = scene();
    const seen: SeenStatus[][] = Array.from({ length: 100 }, () => []);
    const stops = seen.map((list) => watches.watch("r", (status) => void list.push(status)));
    await eventually("all have it", () => seen.every((list) => list.length === 1));
    expect(watches.looks).toBeLessThan(20);
    state.status.stage = 2;
    await eventually("all have the change", () => seen.every((list) => list.length === 2));
    expect(new Set(seen.flat().map(({ id }) => id)).size).toBe(2);
    for (const stop of stops) stop();
    await eventually("the last look", async () => {
      const before = watches.looks;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return watches.looks === before;
    });
  });

  it("are told to who comes later at once, and end with their outcome", async () => {
    const { state, watches } = scene();
    const first: SeenStatus[] = [];
    watches.watch("r", (status) => void first.push(status));
    await eventually("the first state", () => first.length === 1);
    const second: SeenStatus[] = [];
    watches.watch("r", (status) => void second.push(status));
    expect(second).toEqual(first);
    state.isAway = true;
    state.status.outcome = "promoted";
    const { looks } = watches;
    await eventually("a look that found no store", () => watches.looks > looks + 1);
    expect(first).toHaveLength(1);
    state.isAway = false;
    await eventually("both have the end", () => first.length === 2 && second.length === 2);
    expect(second[1]!.status.outcome).toBe("promoted");
  });
});

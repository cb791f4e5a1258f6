import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Freshness } from "../../src/resolver/memory/freshness.ts";

let at = 0;
let clock: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  at = 0;
  clock = vi.spyOn(performance, "now").mockImplementation(() => at);
});
afterEach(() => vi.restoreAllMocks());

const nextTurn = () => new Promise((turn) => setImmediate(turn));

function looks(freshness: Freshness, times: number): Set<string> {
  return new Set(Array.from({ length: times }, () => freshness.now));
}

describe("how fresh memory is", () => {
  it("is told from the clock by the first look after a freeze, though a loop was looking all the time before", async () => {
    const freshness = new Freshness(() => 0);
    expect(looks(freshness, 1_000)).toEqual(new Set(["memory"]));
    await nextTurn();
    at = 5_001;
    expect(freshness.now).toBe("stale");
    at = 0;
    await nextTurn();
    expect(freshness.now).toBe("memory");
  });

  it("is told from the clock before what the event loop brings next, also when only promises are waited for", async () => {
    const freshness = new Freshness(() => 0);
    for (let i = 0; i < 100; i++) {
      looks(freshness, 10);
      await Promise.resolve();
    }
    const brought = new Promise<string>((answer) =>
      setImmediate(() => {
        at = 9_000;
        answer(freshness.now);
      }),
    );
    expect(await brought).toBe("stale");
  });

  it("grows old within one long loop too, after 64 looks at most", () => {
    const freshness = new Freshness(() => 0);
    looks(freshness, 100);
    at = 6_000;
    looks(freshness, 64);
    expect(freshness.now).toBe("stale");
  });

  it("costs a loop few readings of the clock, and a look now and then one each and nothing more", () => {
    const freshness = new Freshness(() => 0);
    looks(freshness, 6_500);
    expect(clock.mock.calls.length).toBeLessThan(110);
    const tick = vi.spyOn(process, "nextTick");
    const quiet = new Freshness(() => 0);
    for (let i = 0; i < 10; i++) {
      at += 1;
      expect(quiet.now).toBe("memory");
    }
    expect(tick).not.toHaveBeenCalled();
  });
});

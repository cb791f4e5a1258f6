import { describe, expect, it } from "vitest";
import { Limits } from "../../../src/server/requests/limits.ts";

/** Asks until it is told to wait: how many were let through, and for how long to wait. */
function letThrough(limits: Limits, name = "a") {
  for (let count = 0; ; count++) {
    const wait = limits.take(name, "write");
    if (wait !== undefined) return { count, wait };
  }
}

describe("the limits of a key", () => {
  it("let so many through at once, and then so many a second, each key by itself", () => {
    let now = 0;
    const limits = new Limits({}, () => now);
    expect(letThrough(limits)).toEqual({ count: 20, wait: 0.2 });
    expect(letThrough(limits, "b").count).toBe(20);
    now += 1_000;
    expect(letThrough(limits).count).toBe(5);
  });

  it("are what the setting says, with as much more at once as usual", () => {
    const limits = new Limits({ write: 50 }, () => 0);
    expect(letThrough(limits)).toEqual({ count: 200, wait: 0.02 });
    expect(letThrough(new Limits({ write: 0.01 }, () => 0)).count).toBe(1);
  });
});

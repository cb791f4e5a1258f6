import { describe, expect, it } from "vitest";
import { boundedCost, memoryBudget } from "../../src/providers/budget.ts";

describe("a budget", () => {
  it("sets the most of each call aside, and takes back what it did not cost", async () => {
    const budget = memoryBudget(1);
    const first = (await budget.reserve(0.6))!;
    expect(first).toBeDefined();
    await first.settle(0.1);
    const second = (await budget.reserve(0.9))!;
    expect(second).toBeDefined();
    await second.settle(0.9);
    expect(await budget.reserve(0.01)).toBeUndefined();
  });

  it("makes a call wait while others may give back enough", async () => {
    const budget = memoryBudget(1);
    const first = (await budget.reserve(0.8))!;
    let granted = false;
    const second = budget.reserve(0.5).then((reservation) => {
      granted = true;
      return reservation;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(granted).toBe(false);
    await first.settle(0.2);
    expect(await second).toBeDefined();
  });

  it("stops a waiting call when nothing can be given back, and when it is cancelled", async () => {
    const budget = memoryBudget(1);
    const first = (await budget.reserve(0.8))!;
    const second = budget.reserve(0.5);
    await first.settle(0.8);
    expect(await second).toBeUndefined();
    const third = (await budget.reserve(0.2))!;
    const controller = new AbortController();
    const fourth = budget.reserve(0.1, controller.signal);
    controller.abort();
    expect(await fourth).toBeUndefined();
    await third.settle(0);
  });

  it("knows the most that a request can cost, and gives it a limit where it has none", () => {
    const price = { input: 1, output: 10 };
    const open = boundedCost({ messages: [{ role: "user", content: "é".repeat(1000) }] }, price);
    expect(open.request["max_completion_tokens"]).toBe(4096);
    expect(open.mostUsd).toBeGreaterThan(2000e-6 + 4096 * 10e-6);
    const limited = boundedCost({ max_tokens: 100, messages: [] }, price);
    expect(limited.request).toEqual({ max_tokens: 100, messages: [] });
    expect(limited.mostUsd).toBeLessThan(0.0025);
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ComputePool } from "../../src/server/compute/compute-pool.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { readPolicyDocument } from "../../src/use-cases/load-policy-document.ts";
import { simulatePolicy } from "../../src/use-cases/simulate-policy.ts";

/** Nobody listens there: without a prompt nothing is asked of it. */
const NOWHERE = "postgres://127.0.0.1:1/nothing";
const policy = readPolicyDocument({
  metrics: { rating: { window: "1m" } },
  canary: {
    max_units: 200,
    max_duration: "1d",
    goal: { metric: "rating", direction: "higher", claim: "superior" },
  },
});
const simulation = (runs: number) => ({
  policy,
  effect: ["rating=-0.5"],
  baseline: [],
  segment: [],
  runs,
  seed: 7,
});
/** More than anybody waits for. */
const ENDLESS = simulation(1e9);

let pool: ComputePool;
let stop: AbortController;
beforeEach(() => {
  pool = new ComputePool({ databaseUrl: NOWHERE }, { threads: 1 });
  stop = new AbortController();
});
afterEach(() => pool.close());

const compute = (ask = ENDLESS) => pool.compute("simulate", ask, stop.signal);

describe("what is computed apart", () => {
  it("comes out as it does here", async () => {
    const db = openDatabase(NOWHERE);
    expect(await compute(simulation(5))).toEqual(await simulatePolicy(db, simulation(5)));
    await db.destroy();
  });

  it("is refused in the same words as here", async () => {
    const wrong = { ...simulation(1), effect: ["latency=1"] };
    await expect(compute(wrong)).rejects.toMatchObject({
      code: "invalid_input",
      details: { metric: "latency" },
    });
  });

  it("is unavailable where the store cannot be reached, and says nothing of where that is", async () => {
    const asked = pool.compute("verify", {}, stop.signal);
    await expect(asked).rejects.toMatchObject({ code: "unavailable" });
    await expect(asked).rejects.not.toThrow("127.0.0.1");
  });

  it("waits in a line of eight, and is then told to come back later", async () => {
    const line = Array.from({ length: 9 }, () => compute());
    const ended = Promise.allSettled(line);
    await expect(compute()).rejects.toMatchObject({
      code: "unavailable",
      headers: { "retry-after": expect.stringMatching(/^\d+$/) },
    });
    stop.abort();
    expect((await ended).every(({ status }) => status === "rejected")).toBe(true);
  });

  it("ends when nobody waits for it any more, and leaves the thread to others", async () => {
    const gone = compute().catch((error: unknown) => error);
    stop.abort();
    expect(await gone).toMatchObject({ code: "unavailable" });
    stop = new AbortController();
    expect(await compute(simulation(3))).toMatchObject({ runs: 3 });
  });

  it("goes on with what waits for the thread of one that is ended", async () => {
    const gone = compute().catch((error: unknown) => error);
    const waits = pool.compute("simulate", simulation(3), new AbortController().signal);
    stop.abort();
    expect(await gone).toMatchObject({ code: "unavailable" });
    expect(await waits).toMatchObject({ runs: 3 });
  });

  it("ends with the server", async () => {
    const ended = compute().catch((error: unknown) => error);
    await pool.close();
    expect(await ended).toBeInstanceOf(Error);
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sql } from "kysely";
import { SluiceError } from "../../src/domain/errors.ts";
import { breakerOver } from "../../src/providers/breaking/circuit-breaker.ts";
import { callFailure } from "../../src/providers/call-failure.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { postgresBreakerStore } from "../../src/storage/write/provider-breaker.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const target = { provider: "openai", model: "m" } as const;
const endpoint = "http://models.test";
const policy = { threshold: 4, openMs: 60_000 };

describe("a circuit breaker in Postgres", () => {
  let database: TestDatabase;
  let one: Database;
  let other: Database;
  beforeEach(async () => {
    database = await createTestDatabase();
    one = openDatabase(database.url);
    other = openDatabase(database.url);
  });
  afterEach(async () => {
    await one.destroy();
    await other.destroy();
    await database.drop();
  });
  const breaker = (db: Database) => breakerOver(postgresBreakerStore(db), policy);
  const state = async () =>
    (await one.selectFrom("provider_breakers").select(["state", "failures"]).execute())[0];
  const away = () =>
    Promise.reject(callFailure("connection", { target, endpoint }, `cannot reach ${endpoint}`));
  async function fail(db: Database, times: number): Promise<void> {
    for (let i = 0; i < times; i++)
      await breaker(db)
        .guard(target, endpoint, away)
        .catch(() => undefined);
  }
  const refused = (call: Promise<unknown>) =>
    call.then(
      () => false,
      (error: unknown) => error instanceof SluiceError && error.details["kind"] === "circuit_open",
    );
  const answers = (db: Database) => breaker(db).guard(target, endpoint, () => Promise.resolve("yes"));
  const timeIsUp = () =>
    sql`update sluice.provider_breakers set until = clock_timestamp() - interval '1 second'`.execute(one);

  it("counts the failures of all workers, and opens for all of them", async () => {
    await fail(one, 2);
    await fail(other, 1);
    expect(await state()).toEqual({ state: "closed", failures: 3 });
    await fail(other, 1);
    expect(await state()).toMatchObject({ state: "open" });
    expect(await refused(answers(one))).toBe(true);
  });

  it("forgets failures when anybody gets an answer", async () => {
    await fail(one, 3);
    expect(await answers(other)).toBe("yes");
    await fail(one, 3);
    expect(await state()).toEqual({ state: "closed", failures: 3 });
  });

  it("lets one call through when its time is up, and closes when that is answered", async () => {
    await fail(one, 4);
    await timeIsUp();
    // With all connections open, they ask at the same moment.
    await Promise.all(
      [one, other].flatMap((db) => Array.from({ length: 6 }, () => sql`select pg_sleep(0.05)`.execute(db))),
    );
    let give: (answer: string) => void = () => undefined;
    const answer = new Promise<string>((resolve) => (give = resolve));
    const calls = Array.from({ length: 12 }, (_, i) =>
      breaker(i % 2 ? one : other).guard(target, endpoint, () => answer),
    );
    let count = 0;
    const refusals = calls.map(async (call) => {
      if (await refused(call)) count += 1;
    });
    await expect.poll(() => count).toBe(11);
    expect(await state()).toMatchObject({ state: "half_open" });
    give("yes");
    await Promise.all(refusals);
    expect(count).toBe(11);
    expect(await state()).toEqual({ state: "closed", failures: 0 });
    expect(await answers(other)).toBe("yes");
  });

  it("opens again when the probe fails", async () => {
    await fail(one, 4);
    await timeIsUp();
    await fail(other, 1);
    expect(await state()).toMatchObject({ state: "open", failures: 5 });
    expect(await refused(answers(one))).toBe(true);
  });

  it("admits every call while the database is away", async () => {
    const gone = openDatabase("postgres://nobody@127.0.0.1:1/none");
    expect(await answers(gone)).toBe("yes");
    await gone.destroy();
  });
});

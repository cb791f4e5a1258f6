import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Source } from "../../src/resolver/index.ts";
import { scopeColumns } from "../../src/domain/scope.ts";
import { createSluice } from "../../src/client/create-sluice.ts";
import { HttpSource } from "../../src/resolver/sources/http.ts";
import { LangfuseIntake } from "../../src/server/langfuse/intake/langfuse-intake.ts";
import { Belonging } from "../../src/server/serving/belonging.ts";
import { Writers } from "../../src/server/serving/writers.ts";
import { type RunningServer, startServer } from "../../src/server/start-server.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { createKey } from "../../src/use-cases/create-key.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { describeSource, type SourceUnderTest } from "../resolver/support/source-conformance.ts";
import { storeUnderTest } from "../resolver/support/store-under-test.ts";
import { openStore, type Store } from "../resolver/support/store.ts";
import { startProxy } from "../resolver/support/tcp-proxy.ts";

const SCOPE = { label: "production", prompt: "greeting" };
const QUERY = { scopes: [scopeColumns(SCOPE)], have: [] };
/** For so long nothing goes to or comes from Postgres. */
const FROZEN_MS = 1_500;

interface Frozen extends SourceUnderTest {
  readonly store: Store;
  readonly server: RunningServer;
  readonly proxy: Awaited<ReturnType<typeof startProxy>>;
}

/** A server whose Postgres can stand still, and a resolver's source on it. */
async function open(): Promise<Frozen> {
  const store = await openStore();
  const db = openDatabase(store.url, { max: 1 });
  const { key } = await createKey(db, { name: "test", role: "resolver", grants: {}, owner: "ann" });
  await db.destroy();
  const proxy = await startProxy(store.url);
  const server = await startServer({
    databaseUrl: proxy.url,
    host: "127.0.0.1",
    port: 0,
    log: () => undefined,
  });
  const source = new HttpSource(server.url.replace("//", `//${key}@`));
  // From now on it knows the key.
  await source.read(QUERY);
  return {
    ...storeUnderTest(store),
    store,
    server,
    proxy,
    source,
    async close() {
      proxy.thaw();
      proxy.cut();
      await server.stop();
      await proxy.close();
      await store.close();
    },
  };
}

/** Freezes Postgres while something is under way, and gives what becomes of that. */
async function acrossFreeze<T>(proxy: Frozen["proxy"], work: () => Promise<T>): Promise<T> {
  proxy.freeze();
  const done = work();
  await delay(FROZEN_MS);
  proxy.thaw();
  return done;
}

describeSource("a Sluice server whose Postgres stood still a moment ago", async () => {
  const frozen = await open();
  await acrossFreeze(frozen.proxy, () => frozen.source.read(QUERY));
  return frozen;
});

describe("a Sluice server whose Postgres stands still", () => {
  let test: Frozen;
  let source: Source;
  let one: string;
  let two: string;
  beforeEach(async () => {
    test = await open();
    ({ source } = test);
    one = await test.addVersion("greeting", artifact("Hello"));
    two = await test.addVersion("greeting", artifact("Good day"));
  });
  afterEach(async () => {
    await source.close();
    await test.close();
  });

  it("answers nothing of which it does not know that it still holds, and ends the wait", async () => {
    await test.movePointer(SCOPE, { active: one });
    expect((await source.read(QUERY)).pointers).toMatchObject([{ activeVersion: one }]);
    test.proxy.freeze();
    await test.movePointer(SCOPE, { active: two });
    await expect(source.read(QUERY)).rejects.toThrow(/did not answer|timeout|aborted/i);
    test.proxy.thaw();
    await eventually(
      "it answers again",
      async () => (await source.read(QUERY).catch(() => undefined))?.pointers[0]?.activeVersion === two,
      20_000,
    );
  }, 60_000);

  it("holds no more outcomes than it has room for: whoever sends more is asked to come again", async () => {
    const writers = new Writers(test.proxy.url, 100);
    const batch = JSON.stringify({ exposures: [], outcomes: [], padding: "x".repeat(60) });
    test.proxy.freeze();
    const first = writers.record(batch).catch((error: unknown) => error);
    await expect(writers.record(batch)).rejects.toMatchObject({ name: "RetryLater", afterMs: 1_000 });
    test.proxy.thaw();
    await first;
    expect(await writers.record(batch)).toMatchObject({ outcomes: 0 });
    await writers.close();
  });

  it("takes a prompt back while a flood of outcomes of another one waits in Postgres", async () => {
    await test.movePointer(SCOPE, { active: one });
    const other = await test.addVersion("other", artifact("Hi"));
    const held = openDatabase(test.store.url, { max: 2 });
    const { key } = await createKey(held, { name: "ops", role: "admin", grants: {}, owner: "ann" });
    const sluice = createSluice({ url: test.server.url, key });
    const batch = () =>
      JSON.stringify({
        exposures: [],
        outcomes: [{ id: randomUUID(), version: other, label: "production", metrics: { rating: 1 } }],
      });
    let flood: Promise<unknown>[] = [];
    await held.transaction().execute(async (transaction) => {
      await sql`lock table sluice.outcomes in access exclusive mode`.execute(transaction);
      flood = Array.from({ length: 60 }, () => source.record(batch()));
      await eventually("all that write wait", async () => {
        const { rows } = await sql<{ n: number }>`
          select count(*) as n from pg_locks where not granted and relation = 'sluice.outcomes'::regclass`.execute(
          transaction,
        );
        return rows[0]!.n >= 4;
      });
      expect(await sluice.rollBack({ prompt: "greeting", reason: "a flood" })).toMatchObject({
        prompt: "greeting",
      });
    });
    await Promise.all(flood);
    await Promise.all([sluice.close(), held.destroy()]);
  });

  it("takes no more of what Langfuse's clients report than it has room for, and answers others beside it", async () => {
    const db = openDatabase(test.proxy.url);
    const sender = { key: { account: "test" }, grants: {} };
    const report = (trace: string) => ({
      units: [{ trace, unit: "u" }],
      generations: [],
      scores: [],
      refused: {},
    });
    const { length } = JSON.stringify(report("trace-00"));
    const intake = new LangfuseIntake(db, new Belonging(db), 60_000, 20 * length);
    const held = openDatabase(test.store.url, { max: 1 });
    let flood: Promise<void>[] = [];
    await held.transaction().execute(async (transaction) => {
      await sql`lock table sluice.langfuse_units in access exclusive mode`.execute(transaction);
      flood = Array.from({ length: 20 }, (_, n) => intake.take(sender, report(`trace-${n + 10}`)));
      await expect(intake.take(sender, report("trace-30"))).rejects.toMatchObject({
        code: "rate_limited",
        headers: { "retry-after": "1" },
      });
      await eventually("four of them wait in Postgres", async () => {
        const { rows } = await sql<{ n: number }>`
          select count(*) as n from pg_locks where not granted and relation = 'sluice.langfuse_units'::regclass`.execute(
          transaction,
        );
        return rows[0]!.n >= 4;
      });
      // Over the same connections, all of which a flood would have taken.
      await sql`select 1`.execute(db);
    });
    await Promise.all(flood);
    const { rows } = await sql<{ n: number }>`select count(*) as n from sluice.langfuse_units`.execute(held);
    expect(rows).toEqual([{ n: 20 }]);
    await intake.close();
    await Promise.all([held.destroy(), db.destroy()]);
  });

  it("gives no lease that is longer than the store's, whenever the read was begun", async () => {
    const rolloutId = await test.addRollout("greeting", two, one);
    const canary = { mode: "canary", share: 500, epoch: 1, rolloutId, leaseMs: 60_000 } as const;
    await test.movePointer(SCOPE, { active: one, candidate: two, ...canary });
    const leased = async () => {
      const askedAt = performance.now();
      const { pointers } = await source.read(QUERY);
      const answeredAt = performance.now();
      // What a resolver makes of it: the whole way there and back is taken off.
      return { leftMs: pointers[0]!.leaseMs - (answeredAt - askedAt), answeredAt };
    };
    // Begun before, at and in the middle of the freeze: some wait for a read that was under way.
    const reads = [leased()];
    await acrossFreeze(test.proxy, async () => {
      for (let n = 0; n < 5; n++) {
        reads.push(leased());
        await delay(FROZEN_MS / 10);
      }
    });
    for (const { leftMs, answeredAt } of await Promise.all(reads)) {
      const [{ left }] = (await test.store.query(
        "select extract(epoch from lease_until - clock_timestamp()) * 1000 as left from sluice.pointers",
      )) as [{ left: string }];
      const sinceMs = performance.now() - answeredAt;
      expect(leftMs).toBeLessThanOrEqual(Number(left) + sinceMs);
      expect(leftMs).toBeGreaterThan(0);
    }
  }, 60_000);

  it("stores what was sent to it meanwhile once", async () => {
    const outcome = { id: randomUUID(), version: one, rollout: null, unit: null, metrics: { rating: 5 } };
    const scope = { label: "production", model: "", tenant: "" };
    const batch = JSON.stringify({ exposures: [], outcomes: [{ ...outcome, ...scope }] });
    const twice = await acrossFreeze(test.proxy, () =>
      Promise.all([source.record(batch), source.record(batch)]),
    );
    expect(twice[0].outcomes + twice[1].outcomes).toBe(1);
    expect(await test.store.query("select from sluice.outcomes")).toHaveLength(1);
  }, 60_000);
});

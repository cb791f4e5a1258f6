import { createServer } from "node:net";
import { once } from "node:events";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { PendingQueries } from "../../src/storage/pending-queries.ts";
import { isConnectionError } from "../../src/storage/store-failure.ts";
import { transact } from "../../src/storage/transact.ts";
import { startProxy } from "../resolver/support/tcp-proxy.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const TIMEOUT_MS = 600;

describe("a pool whose queries end", () => {
  let database: TestDatabase;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let db: Database;
  beforeEach(async () => {
    database = await createTestDatabase();
    proxy = await startProxy(database.url);
    db = openDatabase(proxy.url, { queryTimeoutMs: TIMEOUT_MS });
  });
  afterEach(async () => {
    await proxy.close();
    await db.destroy();
    await database.drop();
  });
  const one = async () => (await sql<{ one: number }>`select 1 as one`.execute(db)).rows[0]!.one;
  const thrownBy = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("gives up a connection that says nothing, and those that were silent as long, so that one try later all is well", async () => {
    await Promise.all(Array.from({ length: 8 }, () => sql`select pg_sleep(0.05)`.execute(db)));
    expect(proxy.connections).toBe(8);
    proxy.silence();
    const error = await thrownBy(one());
    expect(error).toMatchObject({ code: "ETIMEDOUT", message: expect.stringContaining("not answered") });
    expect(isConnectionError(error)).toBe(true);
    expect(await one()).toBe(1);
  });

  it("goes on within one transaction's tries, and is not held up by its rollback", async () => {
    await one();
    proxy.silence();
    let tries = 0;
    const done = await transact(db, async (transaction) => {
      tries += 1;
      return (await sql<{ two: number }>`select 2 as two`.execute(transaction)).rows[0]!.two;
    });
    expect(done).toBe(2);
    expect(tries).toBe(1);
  });

  it("is told by the server when a statement alone is slow, and keeps the connection", async () => {
    expect(await thrownBy(sql`select pg_sleep(5)`.execute(db))).toMatchObject({ code: "57014" });
    expect(await one()).toBe(1);
    expect(proxy.connections).toBe(1);
  });

  it("frees the rows that a frozen process has locked", async () => {
    await sql`create table counter as select 0 as n`.execute(db);
    let frozen: (() => void) | undefined;
    const holding = db.transaction().execute(async (transaction) => {
      await sql`update counter set n = 1`.execute(transaction);
      await new Promise<void>((resolve) => (frozen = resolve));
      await sql`update counter set n = 2`.execute(transaction);
    });
    await expect.poll(() => frozen).toBeDefined();
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    try {
      await admin.query("update counter set n = n + 10");
      expect((await admin.query<{ n: number }>("select n from counter")).rows[0]!.n).toBe(10);
    } finally {
      await admin.end();
    }
    frozen!();
    expect(await thrownBy(holding)).toBeInstanceOf(Error);
  });

  it("says how long a piece of work has waited for its queries", async () => {
    const work = new PendingQueries();
    expect(work.longestMs).toBe(0);
    const asked = work.during(() => sql`select pg_sleep(0.3)`.execute(db));
    await expect.poll(() => work.longestMs).toBeGreaterThan(100);
    await asked;
    expect(work.longestMs).toBe(0);
  });
});

describe("a connection", () => {
  it("is opened with nothing that a pooler such as PgBouncer would refuse", async () => {
    const packets: string[] = [];
    const server = createServer((socket) => {
      socket.once("data", (packet) => {
        packets.push(packet.subarray(8).toString());
        socket.destroy();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const db = openDatabase(`postgres://ann@127.0.0.1:${port}/sluice`);
    await expect(sql`select 1`.execute(db)).rejects.toThrow(/terminated|ECONNRESET/);
    await db.destroy();
    server.close();
    const words = packets[0]!.split("\0").filter((word) => word !== "");
    const names = words.filter((_, index) => index % 2 === 0);
    expect(names.toSorted()).toEqual(["application_name", "client_encoding", "database", "user"]);
  });
});

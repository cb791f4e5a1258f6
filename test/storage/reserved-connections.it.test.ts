import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopeColumns } from "../../src/domain/scope.ts";
import { startPostgres, type LocalPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder, type RunFolder } from "../../src/local/stack/run-folder.ts";
import { createResolver, type Resolver } from "../../src/resolver/index.ts";
import { withDatabase } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { reservedConnections } from "../../src/storage/read/reserved-connections.ts";
import { storeError } from "../../src/storage/store-error.ts";
import { transact } from "../../src/storage/transact.ts";
import { pushVersion } from "../../src/storage/write/push-version.ts";
import { rollBack } from "../../src/use-cases/roll-back.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { RUNS } from "../support/runs.ts";

/** For everybody; the server has 200 in all. */
const PLACES = 8;
const SCOPE = scopeColumns({ label: "production", prompt: "greeting" });

/** A server of this test's own, nearly all of whose places are reserved. */
describe("a server without a free connection", () => {
  let run: RunFolder;
  let postgres: LocalPostgres;
  const resolvers: Resolver[] = [];
  beforeAll(async () => {
    run = await createRunFolder(RUNS);
    const start = () => startPostgres({ dataDir: join(run.path, "pg"), durable: false });
    postgres = await start();
    await query(
      "alter system set superuser_reserved_connections = 2",
      `alter system set reserved_connections = ${200 - 2 - PLACES}`,
    );
    await postgres.stop();
    postgres = await start();
    await withDatabase(postgres.url, async (db) => {
      await migrate(db);
      for (const [at, text] of ["one", "two"].entries()) {
        await transact(db, (t) =>
          pushVersion(t, {
            prompt: "greeting",
            description: "",
            tags: [],
            artifact: artifact(text),
            author: "ann",
            message: text,
            tokenCount: 1,
            policySha256: null,
          }),
        );
        await setPointerByHand(db, {
          scope: SCOPE,
          version: { prompt: "greeting", number: at + 1 },
          expectedRevision: at,
          reason: "r",
          force: true,
          by: null,
        });
      }
    });
    await query(
      "create role service login password 'secret'",
      "create role operator login password 'secret' in role pg_use_reserved_connections",
      "create role plain login password 'secret'",
      "grant usage on schema sluice to service, operator, plain",
      "grant select, insert, update on all tables in schema sluice to service, operator, plain",
      "grant execute on all functions in schema sluice to service, operator, plain",
    );
  });
  afterAll(async () => {
    await Promise.all(resolvers.map((resolver) => resolver.close()));
    await postgres.stop();
    run.remove();
  });

  async function query(...statements: string[]): Promise<void> {
    const client = new pg.Client(postgres.url);
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  function address(role: string): string {
    const url = new URL(postgres.url);
    url.username = role;
    url.password = "secret";
    return url.href;
  }

  it("knows for whom a connection is reserved", async () => {
    const of = async (url: string) => (await withDatabase(url, reservedConnections)).reserved;
    expect(await of(postgres.url)).toBe(true);
    expect(await of(address("operator"))).toBe(true);
    expect(await of(address("plain"))).toBe(false);
  });

  it("serves as many resolvers as there are places, and still takes a version back", async () => {
    const warnings: string[] = [];
    const open = () =>
      createResolver({
        source: address("service"),
        preload: ["greeting"],
        preloadTimeoutMs: 500,
        onWarning: ({ message }) => warnings.push(message),
      });
    for (let i = 0; i < PLACES; i++) resolvers.push(await open());
    const served = () => resolvers.map((resolver) => resolver.resolveSync({ prompt: "greeting" }).version);
    expect(served()).toEqual(resolvers.map(() => 2));
    expect(warnings).toEqual([]);

    const late = await open();
    expect(late.resolveSync({ prompt: "greeting" }).source).toBe("fallback");
    expect(warnings[0]).toContain("is full: it has no connection left");
    await late.close();

    const back = (url: string) =>
      withDatabase(url, (db) => rollBack(db, { scope: SCOPE, reason: "bad", by: null }));
    const refused = await back(address("plain")).catch((error: unknown) => storeError(postgres.url, error));
    expect(refused).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("is there, but has no connection left"),
    });
    expect(await back(address("operator"))).toMatchObject({ serves: "greeting@1" });
    await expect.poll(served).toEqual(resolvers.map(() => 1));
  });
});

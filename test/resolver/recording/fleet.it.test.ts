import { hostname } from "node:os";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scopeColumns } from "../../../src/domain/scope.ts";
import { createResolver, type Resolver, type ResolverOptions } from "../../../src/resolver/index.ts";
import { SDK_VERSION } from "../../../src/resolver/sdk-version.ts";
import { PostgresSource } from "../../../src/resolver/sources/postgres.ts";
import { openDatabase, type Database } from "../../../src/storage/database.ts";
import { listCallers } from "../../../src/storage/read/callers.ts";
import { listFleet } from "../../../src/storage/read/fleet.ts";
import { awaitFleet } from "../../../src/use-cases/await-fleet.ts";
import { rollBack } from "../../../src/use-cases/roll-back.ts";
import { artifact } from "../support/artifacts.ts";
import { eventually } from "../support/eventually.ts";
import { openStore, type Store } from "../support/store.ts";
import { startProxy } from "../support/tcp-proxy.ts";

/** Counts the reports that the store did not take. */
class TriedSource extends PostgresSource {
  failed = 0;

  override async reportServing(report: string): Promise<boolean> {
    try {
      return await super.reportServing(report);
    } catch (error) {
      this.failed++;
      throw error;
    }
  }
}

const SCOPE = scopeColumns({ label: "production", prompt: "greeting" });

let store: Store;
let db: Database;
let one: string;
let two: string;
const resolvers: Resolver[] = [];

beforeEach(async () => {
  store = await openStore();
  db = openDatabase(store.url);
  one = await store.addVersion("greeting", artifact("Hello"));
  two = await store.addVersion("greeting", artifact("Good day"));
  await store.movePointer(SCOPE, { active_version: one });
});
afterEach(async () => {
  await Promise.all(resolvers.splice(0).map((resolver) => resolver.close()));
  await db.destroy();
  await store.close();
});

async function open(options: Partial<ResolverOptions> = {}): Promise<Resolver> {
  const resolver = await createResolver({
    source: store.url,
    preload: ["greeting"],
    onWarning: () => undefined,
    ...options,
  });
  resolvers.push(resolver);
  return resolver;
}

const fleet = () => listFleet(db, SCOPE);
const listed = (count: number) =>
  eventually(`${count} are listed`, async () => (await fleet()).length === count);

describe("a resolver on Postgres", () => {
  it("is listed with host, process, version and the revision that it serves", async () => {
    const resolver = await open();
    await listed(1);
    expect(await fleet()).toMatchObject([
      {
        id: resolver.fleetId,
        host: hostname(),
        pid: process.pid,
        sdkVersion: SDK_VERSION,
        revision: 1,
        behindMs: null,
      },
    ]);
  });

  it("says what it sends with its callers' names, of which one that sends less is told apart from one that did", async () => {
    const render = async (variables: Record<string, unknown>) => {
      const resolver = await open({ serviceName: "web" });
      resolver.resolveSync({ prompt: "greeting" }).render(variables);
      await resolver.close();
    };
    const value = async () => (await listCallers(db, { prompt: "greeting" }))[0]!.values;
    await render({ name: "Ann" });
    expect(await value()).toMatchObject([
      { name: "name", types: ["string"], longest: 4, calls: 1, always: true },
    ]);
    await render({ name: "Annabel", also: [1] });
    expect(await value()).toMatchObject([
      { name: "also", types: ["list"], longest: 1, calls: 1, always: true },
      { name: "name", types: ["string"], longest: 8, calls: 2, always: true },
    ]);
    await render({ name: "Bo" });
    const told = await listCallers(db, { prompt: "greeting", label: "production" });
    expect(told).toMatchObject([{ service: "web", label: "production", tenant: null, calls: 3 }]);
    expect(told[0]!.values).toMatchObject([{ name: "also", always: false }, { always: true }]);
    // Long after the last that did not send it.
    await store.query("update sluice.caller_values set missing_at = missing_at - interval '1 hour'");
    expect((await value())[0]).toMatchObject({ name: "also", always: true });
    expect(await listCallers(db, { prompt: "greeting", label: "staging" })).toEqual([]);
    // What came in several types is counted once.
    await store.query("update sluice.caller_values set types = '{list,string}' where name = 'name'");
    expect((await value())[1]).toMatchObject({ name: "name", types: ["list", "string"], calls: 3 });
  });

  it("says that it has taken over a move, as soon as it has", async () => {
    await open({ pollMs: 4_000 });
    await listed(1);
    const revision = await store.movePointer(SCOPE, { active_version: two });
    const confirmed = await awaitFleet(db, { scope: SCOPE, revision, withinMs: 3_000 });
    expect(confirmed).toMatchObject({ confirmed: 1, live: 1, missing: [] });
    expect(resolvers[0]!.resolveSync({ prompt: "greeting" }).version).toBe(2);
  });

  it("is waited for only where it has the prompt in memory", async () => {
    await store.addVersion("farewell", artifact("Goodbye"));
    await store.movePointer({ label: "production", prompt: "farewell" }, { active_version: one });
    await open({ preload: ["farewell"] });
    const own = await open();
    await listed(1);
    expect(await fleet()).toMatchObject([{ id: own.fleetId }]);
  });

  it("is on the list once the prompt is asked for, and off it when it forgets the prompt", async () => {
    const resolver = await open({ preload: [], cache: { ttlMs: 50 }, pollMs: 50 });
    await eventually("it is listed while it is asked", async () => {
      await resolver.resolve({ prompt: "greeting" });
      return (await fleet()).length === 1;
    });
    await listed(0);
    expect(resolver.metrics().cache.plans).toBe(0);
  });

  it("is off the list when it is closed", async () => {
    const resolver = await open();
    await listed(1);
    await resolver.close();
    expect(await fleet()).toEqual([]);
  });

  it("is never on it when the service does not want that", async () => {
    const resolver = await open({ fleet: false });
    const other = await open();
    await listed(1);
    expect(await fleet()).toMatchObject([{ id: other.fleetId }]);
    expect(resolver.fleetId).toBeUndefined();
  });

  it("has not confirmed a version that it refuses to serve", async () => {
    const resolver = await open();
    await listed(1);
    const forged = await store.addVersion("greeting", artifact("Password?"), "ab".repeat(32));
    const revision = await store.movePointer(SCOPE, { active_version: forged });
    await eventually(
      "it is refused",
      () => resolver.resolveSync({ prompt: "greeting" }).reason === "hash_mismatch",
    );
    expect(await awaitFleet(db, { scope: SCOPE, revision, withinMs: 100 })).toMatchObject({
      confirmed: 0,
      missing: [{ id: resolver.fleetId, revision: 1 }],
    });
  });

  it("comes back to the list by itself after the store has lost it", async () => {
    await open({ pollMs: 100 });
    await listed(1);
    await store.query("truncate sluice.instances cascade");
    await listed(1);
    expect(await fleet()).toMatchObject([{ revision: 1 }]);
  });

  it("confirms at once after moments in which the store was read-only", async () => {
    const source = new TriedSource(store.url);
    await open({ source, pollMs: 100 });
    await listed(1);
    const name = new URL(store.url).pathname.slice(1);
    const readOnly = async (is: boolean) => {
      await store.query("set session default_transaction_read_only = off");
      await store.query(
        `alter database ${name} ${is ? "set" : "reset"} default_transaction_read_only${is ? " = on" : ""}`,
      );
      await store.query(`select pg_terminate_backend(pid) from pg_stat_activity
                         where datname = current_database() and application_name = 'sluice-resolver'`);
    };
    await readOnly(true);
    await eventually("a report has failed", () => source.failed > 0);
    await readOnly(false);
    const revision = await store.movePointer(SCOPE, { active_version: two });
    expect(await awaitFleet(db, { scope: SCOPE, revision, withinMs: 8_000 })).toMatchObject({
      confirmed: 1,
      live: 1,
    });
  });

  it("clears away those that nobody has heard of for long", async () => {
    await open();
    await listed(1);
    await store.query(
      "insert into sluice.instances (id, host, pid, sdk_version, label, seen_at) values (gen_random_uuid(), 'gone', 1, '0', 'x', now() - interval '31 seconds')",
    );
    await store.query(
      "insert into sluice.instance_serves select id, 'production', 'greeting', '', '', 1 from sluice.instances where host = 'gone'",
    );
    expect(await fleet()).toHaveLength(1);
    await open();
    await listed(2);
    expect(await store.query("select count(*)::int as n from sluice.instances")).toEqual([{ n: 2 }]);
  });

  it("keeps serving, with one warning, where its role may not say so", async () => {
    const role = `reader_${Math.random().toString(36).slice(2, 10)}`;
    await store.query(`create role ${role} login password 'reader'`);
    try {
      await store.query(`grant usage on schema sluice to ${role}`);
      await store.query(`grant select on sluice.pointers, sluice.versions to ${role}`);
      const url = new URL(store.url);
      url.username = role;
      url.password = "reader";
      const warnings: string[] = [];
      const resolver = await open({
        source: url.href,
        pollMs: 50,
        onWarning: ({ code }) => warnings.push(code),
      });
      await eventually("it is told", () => warnings.length > 0);
      await store.movePointer(SCOPE, { active_version: two });
      await eventually(
        "the move is served",
        () => resolver.resolveSync({ prompt: "greeting" }).version === 2,
      );
      expect(warnings).toEqual(["report_refused"]);
      expect(await fleet()).toEqual([]);
    } finally {
      await Promise.all(resolvers.splice(0).map((resolver) => resolver.close()));
      await store.query(`drop owned by ${role}`);
      await store.query(`drop role ${role}`);
    }
  });
});

describe("a rollback", () => {
  it("is confirmed by the last of 50 resolvers", async () => {
    await Promise.all(Array.from({ length: 50 }, () => open({ pollMs: 4_000 })));
    await listed(50);
    const revision = await store.movePointer(SCOPE, { active_version: two, previous_version: one });
    await awaitFleet(db, { scope: SCOPE, revision, withinMs: 5_000 });
    const took: number[] = [];
    for (let round = 0; round < 5; round++) {
      const since = performance.now();
      const back = await rollBack(db, { scope: SCOPE, reason: "bad", by: null });
      const confirmation = await awaitFleet(db, {
        scope: SCOPE,
        revision: back.revision,
        withinMs: 5_000,
        since,
      });
      expect(confirmation).toMatchObject({ confirmed: 50, live: 50, missing: [] });
      took.push(confirmation.ms);
    }
    process.stderr.write(`rollback to the last of 50 confirmations: ${took.join(", ")} ms\n`);
    expect(resolvers.every((resolver) => resolver.resolveSync({ prompt: "greeting" }).version === 1)).toBe(
      true,
    );
  });

  it("names the resolver that does not answer, and does not fail by it", async () => {
    const proxy = await startProxy(store.url);
    try {
      await open();
      const frozen = await open({ source: proxy.url });
      await listed(2);
      proxy.freeze();
      const revision = await store.movePointer(SCOPE, { active_version: two });
      const confirmation = await awaitFleet(db, { scope: SCOPE, revision, withinMs: 400 });
      expect(confirmation).toMatchObject({
        confirmed: 1,
        live: 2,
        missing: [{ id: frozen.fleetId, revision: 1 }],
      });
      expect(confirmation.ms).toBeGreaterThanOrEqual(400);
      proxy.thaw();
      expect(await awaitFleet(db, { scope: SCOPE, revision, withinMs: 8_000 })).toMatchObject({
        confirmed: 2,
      });
    } finally {
      await proxy.close();
    }
  });

  it("waits for nobody where nobody has the prompt", async () => {
    const back = await rollBack(db, { scope: SCOPE, reason: "bad", by: null });
    expect(await awaitFleet(db, { scope: SCOPE, revision: back.revision, withinMs: 5_000 })).toMatchObject({
      confirmed: 0,
      live: 0,
      missing: [],
    });
  });
});

it("the version that resolvers report is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  expect(SDK_VERSION).toBe(version);
});

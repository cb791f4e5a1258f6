import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createResolver,
  type Resolver,
  type ResolverOptions,
  type SourceAnswer,
  type SourceQuery,
} from "../../../src/resolver/index.ts";
import type { SluiceError } from "../../../src/domain/errors.ts";
import { EndpointBreaker } from "../../../src/providers/breaking/endpoint-breaker.ts";
import { callFailure } from "../../../src/providers/call-failure.ts";
import { PostgresSource } from "../../../src/resolver/sources/postgres.ts";
import { artifact } from "../support/artifacts.ts";
import { eventually } from "../support/eventually.ts";
import { openStore, type Store } from "../support/store.ts";
import { startProxy } from "../support/tcp-proxy.ts";

/** Notes of how many scopes each read that asked for any has asked. */
class CountingSource extends PostgresSource {
  readonly asked: number[] = [];

  override read(query: SourceQuery): Promise<SourceAnswer> {
    if (query.scopes.length > 0) this.asked.push(query.scopes.length);
    return super.read(query);
  }
}

const SCOPE = { label: "production", prompt: "greeting" };

let store: Store;
let one: string;
let two: string;
const resolvers: Resolver[] = [];

beforeEach(async () => {
  store = await openStore();
  one = await store.addVersion("greeting", artifact("Hello"));
  two = await store.addVersion("greeting", artifact("Good day"));
  await store.movePointer(SCOPE, { active_version: one });
});
afterEach(async () => {
  await Promise.all(resolvers.splice(0).map((resolver) => resolver.close()));
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

const version = (resolver: Resolver) => resolver.resolveSync({ prompt: "greeting" }).version;

describe("a resolver on Postgres", () => {
  it("has what it preloads in memory before the first request", async () => {
    const resolver = await open();
    const prompt = resolver.resolveSync({ prompt: "greeting" });
    expect(prompt.toJSON()).toMatchObject({
      prompt: "greeting",
      version: 1,
      versionId: one,
      scope: SCOPE,
      arm: "unenrolled",
      revision: 1,
      source: "memory",
      reason: "active",
    });
    expect(prompt.render({ name: "Ann" }).messages).toEqual([{ role: "user", content: "Hello, Ann" }]);
  });

  it("serves a moved pointer as soon as it is told, long before it would look by itself", async () => {
    const resolver = await open({ pollMs: 4_000 });
    await store.movePointer(SCOPE, { active_version: two });
    await eventually("version 2 is served", () => version(resolver) === 2, 1_500);
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({ revision: 2, source: "memory" });
  });

  it("finds a move whose notification was lost by looking", async () => {
    const resolver = await open({ pollMs: 200 });
    await store.movePointer(SCOPE, { active_version: two }, true);
    await eventually("version 2 is served", () => version(resolver) === 2);
    expect(resolver.metrics().unreachable).toBe(false);
  });

  it("listens again after its connection was ended", async () => {
    const resolver = await open({ pollMs: 4_000 });
    await endConnections();
    await store.movePointer(SCOPE, { active_version: two });
    await eventually("version 2 is served", () => version(resolver) === 2);
    await eventually("it is connected", async () => (await listening()) === 1);
    await store.movePointer(SCOPE, { active_version: one });
    await eventually("version 1 is served", () => version(resolver) === 1, 1_500);
    expect(resolver.metrics().warnings["store_unreachable"]).toBeGreaterThan(0);
  });

  it("reads once for 200 concurrent cold requests", async () => {
    const source = new CountingSource(store.url);
    const resolver = await open({ source });
    await eventually("it has confirmed what it preloaded", () => source.asked.length === 2);
    const served = await Promise.all(
      Array.from({ length: 200 }, () => resolver.resolve({ prompt: "greeting", tenant: "acme" })),
    );
    expect(served.every((prompt) => prompt.versionId === one && prompt.source === "store")).toBe(true);
    expect(source.asked).toEqual([1, 1, 1]);
  });

  it("serves what it had while the store is away, says so after five seconds, and catches up", async () => {
    const proxy = await startProxy(store.url);
    try {
      const resolver = await open({ source: proxy.url });
      proxy.refuse();
      await eventually("it notices", () => resolver.metrics().unreachable);
      expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({ version: 1, source: "memory" });
      await store.movePointer(SCOPE, { active_version: two });
      await eventually(
        "it says stale",
        () => resolver.resolveSync({ prompt: "greeting" }).source === "stale",
      );
      expect(version(resolver)).toBe(1);
      proxy.accept();
      await eventually("version 2 is served", () => version(resolver) === 2, 5_000);
      expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("memory");
    } finally {
      await proxy.close();
    }
  });

  it("gives up a connection that nothing comes back on, and returns when it is answered again", async () => {
    const proxy = await startProxy(store.url);
    try {
      const resolver = await open({ source: proxy.url, pollMs: 500 });
      proxy.freeze();
      await eventually(
        "it says stale",
        () => resolver.resolveSync({ prompt: "greeting" }).source === "stale",
      );
      const cold = await resolver.resolve({ prompt: "greeting", tenant: "acme" });
      expect(cold).toMatchObject({ source: "fallback", reason: "store_unreachable" });
      await store.movePointer(SCOPE, { active_version: two });
      proxy.thaw();
      await eventually("version 2 is served", () => version(resolver) === 2, 5_000);
    } finally {
      await proxy.close();
    }
  });

  it("starts with the store away, serves the fallback at once, and the prompt when it can", async () => {
    const proxy = await startProxy(store.url);
    try {
      proxy.refuse();
      const resolver = await open({ source: proxy.url, preloadTimeoutMs: 300 });
      expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
        version: null,
        source: "fallback",
      });
      proxy.accept();
      await eventually("version 1 is served", () => version(resolver) === 1, 5_000);
    } finally {
      await proxy.close();
    }
  });

  it("lets a lease run out by its own clock while the store is away, and never after it", async () => {
    const rollout = await store.addRollout("greeting", two, one);
    await store.movePointer(SCOPE, {
      active_version: one,
      candidate_version: two,
      mode: "canary",
      share: 5_000,
      salt: "s",
      epoch: 1,
      rollout_id: rollout,
    });
    await store.setLease(SCOPE, 1_500);
    const leaseEnds = performance.now() + 1_500;
    const proxy = await startProxy(store.url);
    try {
      const resolver = await open({ source: proxy.url });
      proxy.refuse();
      expect(resolver.resolveSync({ prompt: "greeting", unit: "u" }).reason).toBe("enrolled");
      let last = 0;
      await eventually("the lease has run out", () => {
        const { reason } = resolver.resolveSync({ prompt: "greeting", unit: "u" });
        if (reason === "enrolled") last = performance.now();
        return reason === "lease_expired";
      });
      expect(last).toBeLessThanOrEqual(leaseEnds);
    } finally {
      await proxy.close();
    }
  });

  it("sees a renewed lease although nothing is said about it", async () => {
    const rollout = await store.addRollout("greeting", two, one);
    const canary = { candidate_version: two, mode: "canary", share: 5_000, salt: "s", epoch: 1 } as const;
    await store.movePointer(SCOPE, { ...canary, rollout_id: rollout });
    await store.setLease(SCOPE, 4_000);
    const over = performance.now() + 4_000;
    const resolver = await open({ pollMs: 100 });
    const arms = () => resolver.resolveSync({ prompt: "greeting", unit: "u" }).reason;
    expect(arms()).toBe("enrolled");
    await store.setLease(SCOPE, 30_000);
    await eventually("the first lease is over", () => performance.now() > over);
    expect(arms()).toBe("enrolled");
  });

  it("records exposures and outcomes through the one function, each once", async () => {
    const rollout = await store.addRollout("greeting", two, one);
    await store.movePointer(SCOPE, {
      active_version: one,
      candidate_version: two,
      mode: "canary",
      share: 5_000,
      salt: "s",
      epoch: 1,
      rollout_id: rollout,
      lease_until: new Date(Date.now() + 60_000),
    });
    const resolver = await open();
    const prompt = resolver.resolveSync({ prompt: "greeting", unit: "ann" });
    expect(await store.query("select * from sluice.exposures")).toEqual([]);
    for (let i = 0; i < 3; i++) prompt.render();
    resolver.record(prompt, { metrics: { rating: 4 }, feedback: "fine \0 \ud800", sample: { "a\0": 1 } });
    resolver.record(prompt.token, { metrics: { rating: 5, nonsense: Number.POSITIVE_INFINITY } });
    await resolver.flush();
    expect(await store.query("select arm, epoch from sluice.exposures")).toEqual([
      { arm: prompt.arm, epoch: 1 },
    ]);
    const outcomes = await store.query(
      "select status, metrics, feedback, sample from sluice.outcomes order by 2",
    );
    expect(outcomes).toMatchObject([
      { status: "joined", metrics: { rating: 4 }, feedback: "fine \uFFFD \uFFFD", sample: { "a\uFFFD": 1 } },
      { status: "joined", metrics: { rating: 5 } },
    ]);
    expect(await store.query("select count(distinct exposure)::int as units from sluice.open_units")).toEqual(
      [{ units: 1 }],
    );
    expect(resolver.metrics()).toMatchObject({
      recorded: { exposures: 1, outcomes: 2, joined: 2 },
      warnings: { refused_metric: 1 },
    });
  });

  it("needs one connection, however much it records and says of itself", async () => {
    const role = `service_${randomUUID().slice(0, 8)}`;
    await store.query(`create role ${role} login password 'service' connection limit 3`);
    try {
      await store.query(`grant usage on schema sluice to ${role}`);
      await store.query(`grant select on sluice.pointers, sluice.versions to ${role}`);
      await store.query(`grant execute on all functions in schema sluice to ${role}`);
      const address = new URL(store.url);
      address.username = role;
      address.password = "service";
      const all = [];
      for (let i = 0; i < 3; i++) all.push(await open({ source: address.href }));
      for (const resolver of all) {
        for (let i = 0; i < 50; i++)
          resolver.record(resolver.resolveSync({ prompt: "greeting" }), { metrics: { rating: i } });
        await resolver.flush();
        expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({ version: 1, source: "memory" });
      }
      await eventually(
        "all are listed",
        async () => (await store.query("select from sluice.instances")).length === 3,
      );
      expect(await store.query("select count(*)::int as n from sluice.outcomes")).toEqual([{ n: 150 }]);
      const warnings: string[] = [];
      await open({
        source: address.href,
        preloadTimeoutMs: 200,
        onWarning: ({ message }) => warnings.push(message),
      });
      expect(warnings[0]).toContain("is full: it has no connection left (too many connections for role");
      await Promise.all(resolvers.splice(0).map((resolver) => resolver.close()));
    } finally {
      await store.query(`drop owned by ${role}`);
      await store.query(`drop role ${role}`);
    }
  });

  it("goes on reading and confirming while what it records hangs", async () => {
    const source = new CountingSource(store.url);
    const resolver = await open({ source });
    await eventually(
      "it is listed",
      async () => (await store.query("select from sluice.instances")).length === 1,
    );
    const lock = new pg.Client(store.url);
    await lock.connect();
    try {
      await lock.query("begin; lock table sluice.outcomes in access exclusive mode");
      resolver.record(resolver.resolveSync({ prompt: "greeting" }), { metrics: { rating: 4 } });
      const flushed = resolver.flush();
      await eventually(
        "it hangs",
        async () => (await store.query("select from pg_locks where not granted")).length > 0,
      );
      const revision = await store.movePointer(SCOPE, { active_version: two });
      await eventually("version 2 is served", () => version(resolver) === 2, 2_000);
      await eventually(
        "it has said so",
        async () => {
          const rows = await store.query("select from sluice.instance_serves where revision = $1", [
            revision,
          ]);
          return rows.length === 1;
        },
        2_000,
      );
      await lock.query("rollback");
      await flushed;
      expect(await store.query("select count(*)::int as n from sluice.outcomes")).toEqual([{ n: 1 }]);
      await eventually("the second connection is given back", async () => (await connections()) === 1);
    } finally {
      await lock.end();
    }
  });

  it("counts an outcome once when the acknowledgement is lost", async () => {
    const proxy = await startProxy(store.url);
    try {
      const resolver = await open({ source: proxy.url });
      const prompt = resolver.resolveSync({ prompt: "greeting" });
      resolver.record(prompt, { metrics: { rating: 1 } });
      await resolver.flush();
      proxy.freeze();
      for (let i = 0; i < 10; i++) resolver.record(prompt, { metrics: { rating: 4 } });
      const flushed = resolver.flush();
      await delay(50);
      proxy.cut();
      proxy.thaw();
      await flushed;
      expect(await store.query("select count(*)::int as n from sluice.outcomes")).toEqual([{ n: 11 }]);
      expect(await store.query("select n::int from sluice.usage where metric = 'rating'")).toEqual([
        { n: 11 },
      ]);
    } finally {
      await proxy.close();
    }
  });

  it("loses no outcome but the one that the store refuses", async () => {
    const resolver = await open();
    const prompt = resolver.resolveSync({ prompt: "greeting" });
    for (let i = 0; i < 20; i++) resolver.record(prompt, { metrics: { rating: i } });
    await store.query(`create function sluice.no_seven() returns trigger language plpgsql as
      $$ begin if new.metrics ->> 'rating' = '7' then raise exception 'no sevens' using errcode = '23514'; end if;
      return new; end $$`);
    await store.query(
      "create trigger no_seven before insert on sluice.outcomes for each row execute function sluice.no_seven()",
    );
    await resolver.flush();
    expect(await store.query("select count(*)::int as n from sluice.outcomes")).toEqual([{ n: 19 }]);
    expect(resolver.metrics().recorded.dropped).toEqual({ exposure: 0, outcome: 1 });
  });

  it("serves what it had when an artifact is not what its hash says, and names it", async () => {
    const warnings: string[] = [];
    const resolver = await open({ onWarning: ({ message }) => warnings.push(message) });
    const forged = await store.addVersion("greeting", artifact("Give me your password"), "ab".repeat(32));
    await store.movePointer(SCOPE, { active_version: forged });
    await eventually(
      "it is refused",
      () => resolver.resolveSync({ prompt: "greeting" }).reason === "hash_mismatch",
    );
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({ version: 1, revision: 1 });
    expect(warnings.join()).toContain("greeting@3 is not what its hash says");
    await store.movePointer(SCOPE, { active_version: two });
    await eventually("version 2 is served", () => version(resolver) === 2);
  });

  it("starts as fast with 100,000 pointers in the store as the ten that it needs", async () => {
    await store.query(
      `insert into sluice.pointers (label, prompt, tenant, active_version)
       select 'production', 'greeting', 'tenant-' || i, $1 from generate_series(1, 100000) i`,
      [two],
    );
    const source = new CountingSource(store.url);
    const resolver = await open({
      source,
      preload: Array.from({ length: 10 }, (_, i) => ({ prompt: "greeting", tenant: `tenant-${i + 1}` })),
    });
    expect(resolver.resolveSync({ prompt: "greeting", tenant: "tenant-10" }).version).toBe(2);
    expect(resolver.metrics().cache).toMatchObject({ plans: 10, versions: 2 });
    // Ten tenants' scopes and the one that they share, whether in one read or confirmed in a second.
    expect(Math.max(...source.asked)).toBe(11);
  });

  it("tells the breakers of two processes what endpoints fail, and one of them to try, and keeps none from calling", async () => {
    const proxy = await startProxy(store.url);
    const sources = [new PostgresSource(proxy.url), new PostgresSource(proxy.url)];
    const [one, other] = sources.map(
      (source) => new EndpointBreaker({ openMs: 400 }, undefined, (told) => source.exchangeCircuits(told)),
    ) as [EndpointBreaker, EndpointBreaker];
    const endpoint = "https://models.test/v1";
    const target = { provider: "openai", model: "m" };
    let asked = 0;
    const call = (breaker: EndpointBreaker, fails: boolean): Promise<string> =>
      breaker
        .guard(target, endpoint, () => {
          asked++;
          return fails
            ? Promise.reject(callFailure("server", { target, endpoint }, "it failed"))
            : Promise.resolve("ok");
        })
        .catch((error: unknown) => (error as SluiceError).details["kind"] as string);
    const stateOf = (breaker: EndpointBreaker) =>
      breaker.health().find(({ model }) => model === "m")?.state ?? "closed";
    try {
      await call(other, false);
      for (let failed = 0; failed < 10; failed++) await call(one, true);
      await eventually("the other has heard of it", () => stateOf(other) !== "closed", 3_000);

      // Its time is up: of all that would call now one does, and a failure of it holds all back again.
      await eventually(
        "a probe",
        () => stateOf(one) === "half_open" && stateOf(other) === "half_open",
        3_000,
      );
      asked = 0;
      await eventually("one has tried", async () => {
        await Promise.all([call(one, true), call(other, true), call(one, true), call(other, true)]);
        return asked > 0;
      });
      expect(asked).toBe(1);
      await eventually("it answers again", async () => (await call(one, false)) === "ok", 3_000);
      await eventually("and the other has heard", async () => (await call(other, false)) === "ok", 3_000);

      proxy.refuse();
      for (let failed = 0; failed < 10; failed++) await call(one, true);
      expect(await call(one, false)).toBe("circuit_open");
      await eventually("it tries alone", async () => (await call(one, false)) === "ok", 5_000);
      expect(await call(other, false)).toBe("ok");
    } finally {
      one.close();
      other.close();
      await Promise.all(sources.map((source) => source.close()));
      await proxy.close();
    }
  });

  async function endConnections(): Promise<void> {
    await store.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'sluice-resolver' and datname = current_database()`,
    );
  }

  async function connections(): Promise<number> {
    const rows = await store.query(
      "select from pg_stat_activity where application_name = 'sluice-resolver' and datname = current_database()",
    );
    return rows.length;
  }

  async function listening(): Promise<number> {
    const rows = await store.query(
      `select 1 from pg_stat_activity where application_name = 'sluice-resolver' and datname = current_database()
       and state = 'idle'`,
    );
    return rows.length;
  }
});

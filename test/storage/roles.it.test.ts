import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopeColumns, type ScopeColumns } from "../../src/domain/scope.ts";
import { createResolver } from "../../src/resolver/index.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { listFleet } from "../../src/storage/read/fleet.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { transact } from "../../src/storage/transact.ts";
import { pushVersion } from "../../src/storage/write/push-version.ts";
import { rollBack } from "../../src/use-cases/roll-back.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const PAGE = new URL("../../docs/reference/operations.md", import.meta.url);
const ROLES = ["service", "reader", "operator", "worker", "server"] as const;

/** The roles of the page, made as the page says, under names that no other test has. */
describe("a login with the role of the page", () => {
  const suffix = randomUUID().slice(0, 8);
  const named = (role: string) => `sluice_${role}_${suffix}`;
  let database: TestDatabase;
  let owner: Database;
  let admin: pg.Client;
  let prompt: string;
  let scope: ScopeColumns;
  let versions: string[];
  beforeAll(async () => {
    database = await createTestDatabase();
    owner = openDatabase(database.url);
    admin = new pg.Client(database.url);
    await admin.connect();
    const text = /## Roles[\s\S]*?```sql\n([\s\S]*?)```/.exec(readFileSync(PAGE, "utf8"))![1]!;
    await admin.query(
      text.replaceAll(/sluice_(service|reader|operator|worker|server)\b/g, (_, role) => named(role)),
    );
    for (const role of ROLES) await admin.query(`alter role ${named(role)} password 'secret'`);
    prompt = "greeting";
    scope = scopeColumns({ label: "production", prompt });
    versions = [];
    for (const text of ["one", "two", "three"])
      versions.push(
        (
          await transact(owner, (t) =>
            pushVersion(t, {
              prompt,
              description: "",
              tags: [],
              artifact: artifact(text),
              author: "ann",
              message: text,
              tokenCount: 1,
              policySha256: null,
            }),
          )
        ).versionId,
      );
    await set(1, 0);
    await set(2, 1);
  });
  afterAll(async () => {
    for (const role of ROLES) {
      await admin.query(`drop owned by ${named(role)}`);
      await admin.query(`drop role ${named(role)}`);
    }
    await admin.end();
    await owner.destroy();
    await database.drop();
  });

  const set = (number: number, expectedRevision: number, db = owner) =>
    setPointerByHand(db, {
      scope,
      version: { prompt, number },
      expectedRevision,
      reason: "by hand",
      force: true,
      by: null,
    });
  function address(role: (typeof ROLES)[number]): string {
    const url = new URL(database.url);
    url.username = named(role);
    url.password = "secret";
    return url.href;
  }
  async function as<T>(role: (typeof ROLES)[number], work: (db: Database) => Promise<T>): Promise<T> {
    const db = openDatabase(address(role), { max: 2 });
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  }
  /** What plain SQL comes to, each statement in a transaction of its own. */
  async function says(role: (typeof ROLES)[number], statement: string): Promise<string> {
    const client = new pg.Client(address(role));
    await client.connect();
    try {
      await client.query(statement);
      return "done";
    } catch (error) {
      return (error as Error).message;
    } finally {
      await client.end();
    }
  }

  it("service: serves, records and is listed, and can write nothing by itself", async () => {
    const warnings: string[] = [];
    const resolver = await createResolver({
      source: address("service"),
      preload: [prompt],
      onWarning: ({ message }) => warnings.push(message),
    });
    try {
      const served = resolver.resolveSync({ prompt });
      expect(served).toMatchObject({ version: 2, source: "memory" });
      resolver.record(served, { metrics: { rating: 4 } });
      await resolver.flush();
      expect(resolver.metrics().recorded).toMatchObject({ outcomes: 1 });
      await eventually("it is listed", async () => (await listFleet(owner, scope)).length === 1);
    } finally {
      await resolver.close();
    }
    expect(warnings).toEqual([]);
    for (const statement of [
      "select from sluice.rollouts",
      "select from sluice.audit",
      "insert into sluice.exposures (rollout_id, unit, mode, arm, epoch) values (gen_random_uuid(), repeat('0', 64), 'canary', 'candidate', 1)",
      "update sluice.usage set n = 1000",
      "insert into sluice.instance_serves values (gen_random_uuid(), 'production', 'greeting', '', '', 9)",
      "update sluice.pointers set revision = revision + 1",
      "select sluice.fold_units(gen_random_uuid(), 1) from sluice.cells",
    ])
      expect(await says("service", statement), statement).toMatch(/permission denied/);
  });

  it("reader: reads everything, and may not record", async () => {
    expect(await says("reader", "select from sluice.rollouts, sluice.outcomes, sluice.audit")).toBe("done");
    for (const statement of ["select sluice.record_batch('{}')", "update sluice.pointers set share = 1"])
      expect(await says("reader", statement)).toMatch(/permission denied/);
  });

  it("operator: moves a pointer and takes it back, and leaves nobody else's name on it", async () => {
    const { revision } = await as("operator", (db) => set(3, 2, db));
    expect(await as("operator", (db) => rollBack(db, { scope, reason: "bad", by: null }))).toMatchObject({
      serves: `${prompt}@2`,
      revision: revision + 1,
    });
    const { rows } = await admin.query("select actor from sluice.audit order by seq desc limit 2");
    expect(rows).toEqual([{ actor: named("operator") }, { actor: named("operator") }]);
    expect(await verifyAudit(owner)).toMatchObject({ ok: true, astray: [] });
  });

  it("operator: moves no pointer by plain SQL without an entry that says so", async () => {
    const before = (await admin.query("select * from sluice.pointers")).rows;
    const move = `update sluice.pointers set active_version = '${versions[2]}', revision = revision + 1`;
    const entry = (revision: string, to: string) =>
      `insert into sluice.audit (prompt, action, label, model, tenant, revision, to_version)
       select 'greeting', 'pointer_set', 'production', '', '', ${revision}, '${to}' from sluice.pointers`;
    for (const statement of [
      move,
      `update sluice.pointers set active_version = '${versions[2]}'`,
      `update sluice.pointers set revision = revision + 5`,
      `update sluice.pointers set candidate_version = '${versions[2]}', mode = 'canary', share = 5000`,
      `insert into sluice.pointers (label, prompt, active_version) values ('staging', 'greeting', '${versions[0]}')`,
      // An entry that says something else.
      `begin; ${entry("revision + 1", versions[0]!)}; ${move}; commit`,
    ])
      expect(await says("operator", statement), statement).not.toBe("done");
    for (const statement of [
      "delete from sluice.pointers",
      "update sluice.pointers set label = 'x'",
      "update sluice.rollouts set policy = '{}'",
      "update sluice.audit set reason = ''",
      "update sluice.audit_heads set hash = ''",
      "delete from sluice.operations",
      "update sluice.versions set message = ''",
    ])
      expect(await says("operator", statement), statement).toMatch(/permission denied|keeps its scope/);
    expect((await admin.query("select * from sluice.pointers")).rows).toEqual(before);
    // With one it is a move like any other, under the login's name.
    expect(await says("operator", `begin; ${entry("revision + 1", versions[2]!)}; ${move}; commit`)).toBe(
      "done",
    );
    expect(await verifyAudit(owner)).toMatchObject({ ok: true });
  });

  it("worker: may do what a rollout needs", async () => {
    await as("worker", (db) => rollBack(db, { scope, reason: "bad", by: null }));
    expect(await says("worker", "select sluice.fold_units(gen_random_uuid(), 1)")).toBe("done");
    expect(await says("worker", "delete from sluice.audit")).toMatch(/append-only/);
  });
});

import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopeColumns } from "../../src/domain/scope.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { readUsage } from "../../src/storage/read/usage.ts";
import { countVersions, listVersions } from "../../src/storage/read/version-list.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const PROMPT = "many";
const VERSIONS = 2_000;
const NAMES = 20_000;

describe("however much there is", () => {
  let database: TestDatabase;
  let db: Database;
  let newest: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
    await sql`insert into sluice.prompts (name) values (${PROMPT})`.execute(db);
    await sql`
      insert into sluice.versions (prompt, number, semver, sha256, artifact, model, author, token_count)
      select ${PROMPT}, n, '1.0.' || n, encode(sha256(n::text::bytea), 'hex'), '{}', 'x', 'ann', 1
      from generate_series(1, ${VERSIONS}) n`.execute(db);
    await sql`
      insert into sluice.audit (prompt, action, label, model, tenant, to_version, revision)
      select prompt, 'pointer_set', 'staging', '', '', id, number from sluice.versions order by number`.execute(
      db,
    );
    const { id } = await db
      .selectFrom("versions")
      .select("id")
      .orderBy("number", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    newest = id;
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  it("versions come in pages, the newest first and each in order", async () => {
    const page = async (skip: number) =>
      (await listVersions(db, { prompt: PROMPT, page: { limit: 3, skip } })).map(({ version }) => version);
    expect(await countVersions(db, PROMPT)).toBe(VERSIONS);
    expect(await page(0)).toEqual([VERSIONS - 2, VERSIONS - 1, VERSIONS]);
    expect(await page(3)).toEqual([VERSIONS - 5, VERSIONS - 4, VERSIONS - 3]);
    expect(await page(VERSIONS)).toEqual([]);
    const all = await listVersions(db, { prompt: PROMPT });
    expect(all).toHaveLength(VERSIONS);
    expect(all.every(({ wasLive }) => wasLive)).toBe(true);
  });

  it("an outcome with more metrics than a service means to send is refused, and how many it has is said", async () => {
    const outcome = (count: number) => ({
      outcomes: [
        {
          id: randomUUID(),
          version: newest,
          label: "production",
          metrics: Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i])),
        },
      ],
    });
    const record = (batch: object) =>
      sql`select sluice.record_batch(${JSON.stringify(batch)}::jsonb)`.execute(db);
    await record(outcome(100));
    for (const count of [101, 50_000])
      await expect(record(outcome(count))).rejects.toMatchObject({
        code: "22023",
        message: expect.stringContaining(`has ${count} metrics, and at most 100 are taken`),
      });
  });

  it("usage has the metrics that most outcomes carried, and says how many more there are", async () => {
    await sql`
      insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
      select ${newest}::uuid, 'production', '', '', date_trunc('hour', now()), 'user-' || i, 1, 1, 0
      from generate_series(1, ${NAMES}) i
      union all select ${newest}::uuid, 'production', '', '', date_trunc('hour', now()), 'rating', 50, 4, 0`.execute(
      db,
    );
    const [usage] = await readUsage(db, {
      scope: scopeColumns({ label: "production", prompt: PROMPT }),
      since: new Date(Date.now() - 86_400_000),
    });
    expect(usage!.metrics).toHaveLength(100);
    expect(usage!.metrics.map(({ metric }) => metric)).toContain("rating");
    // Those of the outcome above, too.
    expect(usage!.moreMetrics).toBe(NAMES + 1 + 100 - 100);
  });
});

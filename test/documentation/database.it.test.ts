import { writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { format, resolveConfig } from "prettier";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { rolesSql } from "../../src/storage/role-grants.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { report, storeRollout } from "../support/stored-rollout.ts";
import { databaseBlocks } from "./database-blocks.ts";
import { readPage, ROOT } from "./markdown.ts";

const PAGE = "docs/reference/database.md";
const POLICY = `
metrics: { rating: { window: 1h } }
canary:
  stages: [{ share: 50% }]
  goal: { metric: rating, direction: higher, margin: 0.5 }
`;
/** What stands between `<!-- NAME -->` and `<!-- end -->` is made. */
const BLOCK = /(?<=<!-- (?!end)(\w+) -->\n)[\s\S]*?(?=<!-- end -->)/g;

describe("the page about the database", () => {
  let database: TestDatabase;
  let client: pg.Client;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client(database.url);
    await client.connect();
    db = openDatabase(database.url);
  });
  afterAll(async () => {
    await client.end();
    await db.destroy();
    await database.drop();
  });

  it("shows every table and column as it is, and what each role is granted", async () => {
    const blocks = await databaseBlocks(client);
    const text = readPage(PAGE);
    expect(text.match(/(?<=<!-- )\w+(?= -->)/g)?.filter((name) => name !== "end")).toEqual([
      ...blocks.keys(),
    ]);
    const file = path.join(ROOT, PAGE);
    const made = await format(
      text.replaceAll(BLOCK, (_, name: string) => `\n${blocks.get(name)!.join("\n")}\n\n`),
      { ...(await resolveConfig(file)), parser: "markdown" },
    );
    if (process.env["RECORD_DATABASE"]) writeFileSync(file, made);
    expect(readPage(PAGE)).toBe(made);
  });

  it("says on the page about operations what sluice migrate --roles grants", async () => {
    const file = "docs/reference/operations.md";
    const block = /(?<=## Roles[\s\S]*?```sql\n)[\s\S]*?(?=```)/;
    const sql = await rolesSql();
    const made = readPage(file).replace(block, () => sql);
    if (process.env["RECORD_DATABASE"]) writeFileSync(path.join(ROOT, file), made);
    expect(block.exec(readPage(file))![0]).toBe(sql);
  });

  it("draws every table of the schema", async () => {
    const { rows } = await client.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'sluice'::regnamespace and relkind = 'r'",
    );
    const drawn = [...readPage(PAGE).matchAll(/^ {2}(\w+) \{$/gm)].map(([, name]) => name!);
    expect(drawn.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
  });

  it("says of no table that is not there that it grows or stays", async () => {
    const tables = [...readPage(PAGE).matchAll(/^\| `(\w+)`(?:, `(\w+)`)* +\|/gm)]
      .flatMap(([row]) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name!))
      .filter((name) => !name.startsWith("sluice_"));
    expect(tables.length).toBeGreaterThan(10);
    for (const table of tables) {
      const { rows } = await client.query("select to_regclass($1) is not null as present", [
        `sluice.${table}`,
      ]);
      expect(rows, table).toEqual([{ present: true }]);
    }
  });

  it("has statements for retention that remove what is old and nothing else", async () => {
    const statements = /```sql\n([\s\S]*?)```/.exec(readPage(PAGE))![1]!;
    const rollout = async (endedDaysAgo: number | null) => {
      const stored = await storeRollout(db, readPolicyFile(POLICY, "policy"));
      await report(db, {
        exposures: [stored.exposure("ada")],
        outcomes: [
          stored.outcome("ada", { rating: 4 }),
          { ...stored.outcome("bob", { rating: 4 }), rollout: null },
        ],
      });
      if (endedDaysAgo === null) return stored.id;
      const then = `now() - interval '${endedDaysAgo} days'`;
      await client.query(
        `update sluice.rollouts set outcome = 'promoted', phase = 'done', ended_at = ${then} where id = $1`,
        [stored.id],
      );
      await client.query(
        `update sluice.outcomes set received_at = ${then} where received_at > now() - interval '1 day'`,
      );
      return stored.id;
    };
    const [, recent, running] = [await rollout(200), await rollout(10), await rollout(null)];
    await client.query(statements);
    for (const table of ["exposures", "open_units", "outcomes"]) {
      const { rows } = await client.query<{ id: string }>(
        `select distinct rollout_id as id from sluice.${table} where rollout_id is not null`,
      );
      expect(rows.map(({ id }) => id).toSorted(), table).toEqual([recent, running].toSorted());
    }
    const { rows } = await client.query(
      "select count(*)::integer as n from sluice.outcomes where rollout_id is null",
    );
    expect(rows).toEqual([{ n: 2 }]);
  });
});

import { writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatPage } from "../../scripts/format-page.ts";
import { rolesSql } from "../../src/storage/role-grants.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { databaseBlocks } from "./database-blocks.ts";
import { readPage, ROOT } from "./markdown.ts";

const PAGE = "docs/reference/database.md";
/** What stands between `<!-- NAME -->` and `<!-- end -->` is made. */
const BLOCK = /(?<=<!-- (?!end)(\w+) -->\n)[\s\S]*?(?=<!-- end -->)/g;

describe("the page about the database", () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it("shows every table and column as it is, and what each role is granted", async () => {
    const blocks = await databaseBlocks(client);
    const text = readPage(PAGE);
    expect(text.match(/(?<=<!-- )\w+(?= -->)/g)?.filter((name) => name !== "end")).toEqual([
      ...blocks.keys(),
    ]);
    const file = path.join(ROOT, PAGE);
    const made = await formatPage(
      text.replaceAll(BLOCK, (_, name: string) => `\n${blocks.get(name)!.join("\n")}\n\n`),
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
});

import pg from "pg";
import { describe, expect, it } from "vitest";
import { createTestDatabase } from "./database.ts";

describe("a test's own database", () => {
  it("is migrated and belongs to nobody else", async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(one.url).not.toBe(two.url);
    for (const database of [one, two]) {
      const client = new pg.Client(database.url);
      await client.connect();
      const { rows } = await client.query("select count(*)::int as n from sluice.migrations");
      expect(rows[0].n).toBeGreaterThan(0);
      await client.end();
      await database.drop();
    }
  });
});

import pg from "pg";
import { withDatabase } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrator.ts";

export const TEMPLATE = "sluice_template";

/** The database that every test's own is a copy of: migrated once, then left alone. */
export async function createTemplateDatabase(adminUrl: string): Promise<void> {
  await administer(adminUrl, `create database ${TEMPLATE}`);
  await withDatabase(databaseUrl(adminUrl, TEMPLATE), migrate);
}

export async function administer(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

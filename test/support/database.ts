import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { inject } from "vitest";
import { TEMPLATE, administer, databaseUrl } from "./database-template.ts";

export interface TestDatabase {
  readonly url: string;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

/** A migrated, empty database of this test's own, in the run's Postgres. Only in *.it.test.ts and *.release.test.ts. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const admin = inject("postgresUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  for (let attempt = 1; ; attempt++) {
    try {
      await administer(admin, `create database ${name} template ${TEMPLATE} strategy file_copy`);
      break;
    } catch (error) {
      // 55006: another test is copying the template at this very moment.
      if ((error as { code?: string }).code !== "55006" || attempt > 50) throw error;
      await delay(20);
    }
  }
  return {
    url: databaseUrl(admin, name),
    drop: () => administer(admin, `drop database if exists ${name} with (force)`),
  };
}

/** The run's Postgres itself, for tests about connections. Its databases belong to others: use only your own. */
export function postgresUrl(): string {
  return inject("postgresUrl");
}

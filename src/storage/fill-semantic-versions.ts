import { sql } from "kysely";
import type { Artifact } from "../domain/prompt/artifact.ts";
import { nextSemver } from "../domain/prompt/semantic-version.ts";
import type { Transaction } from "./database.ts";

/** Gives every version that has none its semantic version. For the migration that brings the column, once. */
export async function fillSemanticVersions(transaction: Transaction): Promise<void> {
  // Versions never change: the one time that they gain a column, their guard has to look away.
  await sql`alter table sluice.versions disable trigger versions_never_change`.execute(transaction);
  const { rows: prompts } = await sql<{ name: string }>`select name from sluice.prompts`.execute(transaction);
  for (const { name } of prompts) {
    const { rows } = await sql<{ id: string; artifact: Artifact }>`
      select id, artifact from sluice.versions where prompt = ${name} order by number`.execute(transaction);
    let newest: { semver: string; artifact: Artifact } | undefined;
    for (const { id, artifact } of rows) {
      newest = { semver: nextSemver(newest, artifact), artifact };
      await sql`update sluice.versions set semver = ${newest.semver} where id = ${id}`.execute(transaction);
    }
  }
  await sql`alter table sluice.versions enable trigger versions_never_change`.execute(transaction);
  await sql`alter table sluice.versions alter column semver set not null`.execute(transaction);
}

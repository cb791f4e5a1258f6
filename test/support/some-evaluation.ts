import { sql } from "kysely";
import type { Database } from "../../src/storage/database.ts";

/** The row of an evaluation of some version, and its id. */
export async function someEvaluation(db: Database): Promise<string> {
  const sha = "0".repeat(64);
  await sql`insert into sluice.prompts (name) values ('p')`.execute(db);
  await sql`insert into sluice.documents (sha256, kind, name, body) values (${sha}, 'dataset', 'd', '[]')`.execute(
    db,
  );
  const { rows } = await sql<{ id: string }>`
    with version as (
      insert into sluice.versions (prompt, number, semver, sha256, artifact, model, author, token_count)
      values ('p', 1, '1.0.0', ${sha}, '{}', 'm', 'a', 1) returning id
    )
    insert into sluice.evaluations (candidate_version, dataset_sha256, gate_sha256)
    select id, ${sha}, ${sha} from version returning id`.execute(db);
  return rows[0]!.id;
}

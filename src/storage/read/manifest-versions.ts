import { sql } from "kysely";
import type { Database } from "../database.ts";

/** What the store has of a prompt of a manifest. */
export interface ManifestVersion {
  readonly prompt: string;
  readonly path: string;
  /** The version of the manifest's content; null: none has it yet. */
  readonly number: number | null;
  readonly newest: number | null;
}

/** Of each prompt of a repository's manifest the version of its content, and the newest one. */
export async function manifestVersions(db: Database, repository: string): Promise<ManifestVersion[]> {
  const { rows } = await sql<ManifestVersion>`
    select p.prompt, p.path, v.number,
      (select max(n.number) from sluice.versions n where n.prompt = p.prompt) as newest
    from sluice.manifest_prompts p
    left join sluice.versions v on v.prompt = p.prompt and v.sha256 = p.sha256
    where p.repository = ${repository} order by p.prompt collate "C"`.execute(db);
  return rows;
}

import { sql } from "kysely";
import type { PublishedManifest } from "../../domain/shapes/delivering.ts";
import type { Database } from "../database.ts";

/** What repositories publish, by their names; `of` a repository, or the one that a prompt is from. */
export async function listManifests(
  db: Database,
  of: { readonly repository?: string | undefined; readonly prompt?: string | undefined } = {},
): Promise<PublishedManifest[]> {
  const { repository, prompt } = of;
  const one = repository === undefined ? sql`` : sql`and m.repository = ${repository}`;
  const its =
    prompt === undefined
      ? sql``
      : sql`and m.repository = (select repository from sluice.manifest_prompts where prompt = ${prompt})`;
  const { rows } = await sql<Omit<PublishedManifest, "committedAt" | "publishedAt"> & Times>`
    select m.repository, m.branch, m.commit, m.committed_at, m.owner, m.revision, m.published_at,
      coalesce(m.asserted_by, m.published_by) as "publishedBy",
      coalesce((select jsonb_agg(to_jsonb(e) - 'position' order by e.position) from (
        select min(position) as position, name, label, from_environment as "from", live_for_ms as "liveForMs",
          jsonb_agg(jsonb_build_object('model', nullif(model, ''), 'tenant', nullif(tenant, '')) order by model, tenant)
            as scopes
        from sluice.environments where repository = m.repository
        group by name, label, from_environment, live_for_ms) e), '[]') as environments,
      coalesce((select jsonb_agg(jsonb_build_object('prompt', prompt, 'path', path, 'sha256', sha256)
          order by prompt collate "C")
        from sluice.manifest_prompts where repository = m.repository), '[]') as prompts
    from sluice.manifests m where true ${one} ${its} order by m.repository collate "C"`.execute(db);
  return rows.map(({ committed_at, published_at, ...row }) => ({
    ...row,
    committedAt: committed_at.toISOString(),
    publishedAt: published_at.toISOString(),
  }));
}

interface Times {
  readonly committed_at: Date;
  readonly published_at: Date;
}

import { sql } from "kysely";
import { allowsPrompt, type Grants } from "../../domain/access/grants.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { Database } from "../database.ts";
import { seenBy } from "./seen-by.ts";

/** A version that includes a prompt, by itself or by way of others. */
export interface DependantVersion {
  readonly versionId: string;
  readonly prompt: string;
  readonly number: number;
  readonly sha256: string;
  readonly artifact: Artifact;
  readonly tokens: number;
  readonly live: readonly string[];
}

/** Of each prompt that depends on another one the newest version, and those that are live, by name. */
export async function listDependants(
  db: Database,
  prompt: string,
  seen: Grants = {},
): Promise<DependantVersion[]> {
  const { rows } = await sql<Omit<DependantVersion, "live"> & { readonly live: string[] | null }>`
    with recursive present as materialized (
      select v.id, v.prompt, v.number, v.artifact -> 'includes' as includes
      from sluice.versions v
      where v.artifact ? 'includes' and (
        exists (select from sluice.pointers p where p.active_version = v.id)
        or v.number = (select max(n.number) from sluice.versions n where n.prompt = v.prompt))
    ), edges as materialized (
      select v.id, v.prompt, i.prompt as includes from present v, jsonb_to_recordset(v.includes) as i (prompt text)
    ), used as (
      select e.id, e.prompt from edges e where e.includes = ${prompt}
      union
      select e.id, e.prompt from used u join edges e on e.includes = u.prompt
    )
    select v.id as "versionId", v.prompt, v.number, v.sha256, v.artifact, v.token_count as tokens,
      (select array_agg(concat_ws(' ', l.label, nullif('model=' || l.model, 'model='), nullif('tenant=' || l.tenant, 'tenant='))
                        order by l.label, l.model, l.tenant)
       from sluice.pointers l where l.active_version = v.id and ${seenBy(seen, "l")}) as live
    from (select distinct id from used) u join sluice.versions v on v.id = u.id
    order by v.prompt, v.number desc`.execute(db);
  return rows
    .filter((row) => allowsPrompt(seen, row.prompt))
    .map((row) => ({ ...row, live: row.live ?? [] }));
}

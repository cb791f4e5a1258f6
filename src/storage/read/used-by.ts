import { sql } from "kysely";
import { allowsPrompt, type Grants } from "../../domain/access/grants.ts";
import type { Use } from "../../domain/shapes/versions.ts";
import type { Database } from "../database.ts";
import { seenBy } from "./seen-by.ts";

/**
 * Every version that includes some version of a prompt, also by way of others; by name, the newest first. With grants:
 * what a key that has them may know of.
 */
export async function listUses(db: Database, prompt: string, seen: Grants = {}): Promise<Use[]> {
  const { rows } = await sql<Omit<Use, "live"> & { readonly live: string[] | null }>`
    with recursive used as (
      select v.id, v.prompt, v.number, i.number as included, null::text as via
      from sluice.versions v,
        jsonb_to_recordset(v.artifact -> 'includes') as i (prompt text, number integer)
      where v.artifact ? 'includes' and v.artifact -> 'includes' @> jsonb_build_array(jsonb_build_object('prompt', ${prompt}::text))
        and i.prompt = ${prompt}
      union
      select v.id, v.prompt, v.number, u.included, u.prompt || '@' || u.number
      from used u join sluice.versions v on v.artifact ? 'includes' and v.artifact -> 'includes'
        @> jsonb_build_array(jsonb_build_object('prompt', u.prompt, 'number', u.number))
    )
    select u.prompt, u.number as version, u.id as "versionId", ${prompt} || '@' || u.included as includes, u.via,
      (select array_agg(concat_ws(' ', l.label, nullif('model=' || l.model, 'model='),
                                  nullif('tenant=' || l.tenant, 'tenant=')) order by l.label, l.model, l.tenant)
       from sluice.pointers l where l.active_version = u.id and ${seenBy(seen, "l")}) as live
    from used u order by u.prompt, u.number desc, u.included desc, u.via nulls first`.execute(db);
  return rows
    .filter(({ prompt, via }) =>
      [prompt, via?.split("@")[0]].every((one) => one === undefined || allowsPrompt(seen, one)),
    )
    .map((row) => ({ ...row, live: row.live ?? [] }));
}

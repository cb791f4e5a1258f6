import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { PastPointer } from "../../domain/shapes/pointers.ts";

interface Row {
  readonly label: string;
  readonly prompt: string | null;
  readonly model: string;
  readonly tenant: string;
  readonly revision: number;
  readonly active: string | null;
  readonly candidate: string | null;
  readonly share: number | null;
  readonly since: Date | null;
  readonly by: string | null;
  readonly reason: string | null;
  readonly took_back: string | null;
}

/** Read from the audit log, which has every move of every pointer. A move counts from the millisecond it is shown at. */
export async function pointersAt(db: Database, at: Date, prompt?: string): Promise<PastPointer[]> {
  // By the scope, not by the chain: the moves of one default for any prompt stand in several prompts' chains.
  const ofPrompt =
    prompt === undefined ? sql`` : sql`and (prompt = ${prompt} or details ->> 'anyPrompt' = 'true')`;
  const { rows } = await sql<Row>`
    with moves as (
      select *, case when (details ->> 'anyPrompt')::boolean then null else prompt end as scope_prompt
      from sluice.audit
      where revision is not null and date_trunc('milliseconds', at) <= ${at} ${ofPrompt}
    ), newest as (
      select distinct on (label, scope_prompt, model, tenant) * from moves
      order by label, scope_prompt, model, tenant, revision desc
    ), settled as (
      select *, to_version is distinct from lag(to_version) over scope or lag(seq) over scope is null as changed
      from moves where action not in ('rollout_started', 'stage_opened')
      window scope as (partition by label, scope_prompt, model, tenant order by revision)
    ), served as (
      select distinct on (label, scope_prompt, model, tenant) * from settled where changed
      order by label, scope_prompt, model, tenant, revision desc
    )
    select n.label, n.scope_prompt as prompt, n.model, n.tenant, n.revision,
      (select v.prompt || '@' || v.number from sluice.versions v where v.id = s.to_version) as active,
      case when n.action = 'stage_opened'
        then (select v.prompt || '@' || v.number from sluice.versions v where v.id = n.to_version) end as candidate,
      case when n.action = 'stage_opened' then (n.details ->> 'share')::integer end as share,
      s.at as since, coalesce(s.asserted_actor, s.actor) as by, s.reason,
      case when s.action = 'rolled_back'
        then (select v.prompt || '@' || v.number from sluice.versions v where v.id = s.from_version) end as took_back
    from newest n
    left join served s on s.label = n.label and s.scope_prompt is not distinct from n.scope_prompt
      and s.model = n.model and s.tenant = n.tenant
    order by n.scope_prompt, n.label, n.model, n.tenant`.execute(db);
  return rows.map((row) => ({
    label: row.label,
    prompt: row.prompt,
    model: row.model || null,
    tenant: row.tenant || null,
    active: row.active,
    candidate: row.candidate,
    share: (row.share ?? 0) / 100,
    revision: row.revision,
    since: row.since?.toISOString() ?? null,
    by: row.by,
    reason: row.reason,
    tookBack: row.took_back,
  }));
}

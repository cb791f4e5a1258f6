import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { CallsOf } from "./metric-hours.ts";

/** What there is to tell by whose doing a rise is. */
export interface TriageEvidence {
  /** What the version asks. */
  readonly model: string;
  /** Other prompts that ask the same model, and how many of them have a rise, too. */
  readonly others: number;
  readonly othersRisen: number;
  /** Mean input tokens of a call before the rise and since; null: not recorded. */
  readonly tokensBefore: number | null;
  readonly tokensSince: number | null;
}

/** Rises that have begun this near are one. */
const NEAR = "12 hours";

export async function triageEvidence(
  db: Database,
  { versionId, label, model, tenant }: Omit<CallsOf, "metric">,
  since: Date,
): Promise<TriageEvidence> {
  const { rows } = await sql<TriageEvidence>`
    with own as (select v.prompt, v.model from sluice.versions v where v.id = ${versionId}::uuid),
    others as (
      select distinct p.prompt from sluice.pointers p join sluice.versions v on v.id = p.active_version, own
      where v.model = own.model and p.prompt <> own.prompt and p.prompt <> ''
    ), risen as (
      select distinct m.prompt from sluice.alerts a join sluice.monitors m on m.id = a.monitor_id
      where a.kind = 'rate' and (a.resolved_at is null or a.resolved_at > ${since})
        and a.since between ${since}::timestamptz - ${NEAR}::interval and ${since}::timestamptz + ${NEAR}::interval
    ), tokens as (
      select u.hour >= ${since} as is_since, sum(u.n * u.mean) / nullif(sum(u.n), 0) as mean
      from sluice.usage u
      where u.version_id = ${versionId}::uuid and u.metric = 'input_tokens' and u.label = ${label}
        and (${model} = '' or u.model = ${model}) and (${tenant} = '' or u.tenant = ${tenant})
        and u.hour > ${since}::timestamptz - interval '14 days'
      group by 1
    )
    select own.model, (select count(*) from others)::integer as others,
      (select count(*) from others join risen using (prompt))::integer as "othersRisen",
      (select mean from tokens where not is_since) as "tokensBefore",
      (select mean from tokens where is_since) as "tokensSince"
    from own`.execute(db);
  return rows[0]!;
}

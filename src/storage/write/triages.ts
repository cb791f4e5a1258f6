import { sql } from "kysely";
import type { Triage } from "../../domain/shapes/monitors.ts";
import type { Database, Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";

/**
 * Begins what open alerts are due: one for an alert at most, and none where another of its scope goes on. An alert that is
 * not about what is live any more has none. Gives the alerts.
 */
export async function claimTriages(transaction: Transaction): Promise<string[]> {
  const { rows } = await sql<{ alert_id: string }>`
    insert into sluice.triages (alert_id, regate_id, spec, version_id, previous_version, revision)
    select distinct on (r.id) a.id, r.id, r.spec, p.active_version, nullif(p.previous_version, p.active_version), p.revision
    from sluice.alerts a
    join sluice.monitors m on m.id = a.monitor_id
    join sluice.monitors r on r.name = 'regate' and r.prompt = m.prompt and r.label = m.label and r.model = m.model
      and r.tenant = m.tenant and r.spec ->> 'kind' = 'regate' and coalesce(r.spec ->> 'triage', 'true') = 'true'
    join sluice.prompts o on o.name = m.prompt and o.archived_at is null
    join sluice.pointers p on p.prompt = m.prompt and p.label = m.label and p.model = m.model and p.tenant = m.tenant
      and p.active_version = a.version_id
    where a.resolved_at is null and a.kind = 'rate'
      and not exists (select from sluice.triages t where t.alert_id = a.id or t.regate_id = r.id and t.ended_at is null)
    order by r.id, a.opened_at
    on conflict do nothing returning alert_id`.execute(transaction);
  return rows.map(({ alert_id: id }) => id);
}

/** Notes that somebody has seen to it that its workflow runs. */
export async function noteTriageLook(db: Database, alertId: string): Promise<void> {
  await sql`update sluice.triages set looked_at = clock_timestamp() where alert_id = ${alertId}::uuid`.execute(
    db,
  );
}

/** Keeps what is asked. */
export async function noteTriageAsked(
  transaction: Transaction,
  alertId: string,
  { askedSha256, previousId }: { readonly askedSha256: string; readonly previousId: string | null },
): Promise<void> {
  await sql`
    update sluice.triages set asked_sha256 = ${askedSha256}, previous_version = ${previousId}::uuid
    where alert_id = ${alertId}::uuid`.execute(transaction);
}

/** Ends one, with why it found nothing or null; false where it has ended before. */
export async function endTriage(
  transaction: Transaction,
  alertId: string,
  problem: string | null,
): Promise<boolean> {
  const { rows } = await sql`
    update sluice.triages set ended_at = clock_timestamp(), problem = ${problem}
    where alert_id = ${alertId}::uuid and ended_at is null returning 1`.execute(transaction);
  return rows.length > 0;
}

/** The other open alerts of its scope and version: what was asked for one of them is said of them all, and asked once. Gives them. */
export async function shareTriage(transaction: Transaction, alertId: string): Promise<string[]> {
  const { rows } = await sql<{ alert_id: string }>`
    insert into sluice.triages (alert_id, regate_id, spec, version_id, previous_version, revision, live_evaluation,
      previous_evaluation, asked_sha256, started_at, ended_at, problem)
    select a.id, t.regate_id, t.spec, t.version_id, t.previous_version, t.revision, t.live_evaluation,
      t.previous_evaluation, t.asked_sha256, t.started_at, t.ended_at, t.problem
    from sluice.triages t
    join sluice.monitors r on r.id = t.regate_id
    join sluice.monitors m on m.prompt = r.prompt and m.label = r.label and m.model = r.model and m.tenant = r.tenant
    join sluice.alerts a on a.monitor_id = m.id and a.resolved_at is null and a.kind = 'rate' and a.version_id = t.version_id
    where t.alert_id = ${alertId}::uuid
    on conflict (alert_id) do nothing returning alert_id`.execute(transaction);
  return rows.map(({ alert_id: id }) => id);
}

/** Keeps with an alert whose doing it is; `tell`: its webhooks are told again, while it is open. */
export async function keepTriage(
  transaction: Transaction,
  alertId: string,
  triage: Triage,
  { tell }: { readonly tell: boolean },
): Promise<void> {
  await sql`
    update sluice.alerts set triage = ${storableJson(triage)}::jsonb,
      told_at = case when ${tell} and resolved_at is null then clock_timestamp() else told_at end
    where id = ${alertId}::uuid`.execute(transaction);
}

import { sql } from "kysely";
import type { MonitorSpec } from "../../domain/monitors/monitor.ts";
import type { RegateFinding, RegateReference } from "../../domain/monitors/regate.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";

/** A monitor that asks a golden set again, or did, as its schedule is made from it. */
export interface RegateSetting {
  readonly id: string;
  readonly prompt: string;
  readonly label: string;
  /** Null or `off`, of an archived prompt too: there is to be no schedule. */
  readonly spec: MonitorSpec | "off" | null;
  readonly set_at: Date;
  readonly scheduled_sha256: string | null;
  /** What is live there. */
  readonly version_id: string | null;
  readonly referred_version: string | null;
  /** Its tests are to be asked out of turn. */
  readonly is_due: boolean;
}

/** All that are set, and all that have a schedule. */
export async function readRegateSettings(db: Database): Promise<RegateSetting[]> {
  const { rows } = await sql<RegateSetting>`
    select m.id, m.prompt, m.label, case when o.archived_at is null then m.spec end as spec, m.set_at, m.scheduled_sha256,
      m.referred_version, m.is_due, p.active_version as version_id
    from sluice.monitors m
    join sluice.prompts o on o.name = m.prompt
    left join sluice.pointers p on p.prompt = m.prompt and p.label = m.label and p.model = m.model and p.tenant = m.tenant
    where m.name = 'regate' and (m.spec is not null or m.scheduled_sha256 is not null)
    order by m.id`.execute(db);
  return rows;
}

export interface RegateRow {
  readonly evaluation_id: string;
  readonly monitor_id: string;
  readonly version_id: string;
  readonly kind: "reference" | "run";
  readonly reference_id: string | null;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly problem: string | null;
  readonly result: RegateFinding | RegateReference | null;
}

export async function findRegate(db: Database, evaluationId: string): Promise<RegateRow | undefined> {
  const { rows } = await sql<RegateRow>`
    select * from sluice.regates where evaluation_id = ${evaluationId}::uuid`.execute(db);
  return rows[0];
}

/** The newest reference of a version that was asked the same. */
export async function findReference(
  db: Database,
  { versionId, askedSha256 }: { readonly versionId: string; readonly askedSha256: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select evaluation_id as id from sluice.regates where kind = 'reference' and version_id = ${versionId}::uuid
      and asked_sha256 = ${askedSha256} and result is not null order by started_at desc limit 1`.execute(db);
  return rows[0]?.id;
}

/** When a monitor last found its version as good as before, its reference included. */
export async function lastFoundGood(
  db: Database,
  { monitorId, referenceId }: { readonly monitorId: string; readonly referenceId: string },
): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`
    select started_at as at from sluice.regates where result is not null and (evaluation_id = ${referenceId}::uuid
      or monitor_id = ${monitorId}::uuid and reference_id = ${referenceId}::uuid and not (result ->> 'worse')::boolean)
    order by started_at desc limit 1`.execute(db);
  return rows[0]?.at;
}

/** How far a monitor that asks again has come with what is live. */
export interface RegateStanding {
  readonly monitor_id: string;
  /** When its newest reference was taken; null: there is none yet. */
  readonly referred_at: Date | null;
  readonly reference: RegateReference | null;
  /** Its last run that has ended since it was set. */
  readonly ended_at: Date | null;
  readonly problem: string | null;
  /** The last that compared. */
  readonly compared_at: Date | null;
  readonly finding: RegateFinding | null;
  /** What answers its calls, as the vendor names it; null: nobody says. */
  readonly answered_by: string | null;
}

/** Of all, or of one prompt's monitors. */
export async function readRegateStandings(
  db: Database,
  prompt: string | undefined,
): Promise<Map<string, RegateStanding>> {
  const { rows } = await sql<RegateStanding>`
    select m.id as monitor_id, r.started_at as referred_at, r.result as reference, l.ended_at, l.problem,
      f.started_at as compared_at, f.result as finding, m.answering -> 'names' ->> -1 as answered_by
    from sluice.monitors m
    join sluice.pointers p on p.prompt = m.prompt and p.label = m.label and p.model = m.model and p.tenant = m.tenant
    left join lateral (select * from sluice.regates x where x.version_id = p.active_version and x.kind = 'reference'
      and x.result is not null order by x.started_at desc limit 1) r on true
    left join lateral (select * from sluice.regates x where x.monitor_id = m.id and x.ended_at >= m.set_at
      order by x.started_at desc limit 1) l on true
    left join lateral (select * from sluice.regates x where x.monitor_id = m.id and x.version_id = p.active_version
      and x.kind = 'run' and x.result is not null order by x.started_at desc limit 1) f on true
    where m.name = 'regate' and m.spec is not null
      ${prompt === undefined ? sql`` : sql`and m.prompt = ${prompt}`}`.execute(db);
  return new Map(rows.map((row) => [row.monitor_id, row]));
}

/** One whose last run found nothing: none is begun by the clock until somebody sets it again. */
export interface PausedRegate extends ScopeColumns {
  readonly problem: string;
}

/** Those of what is live, the last one that failed first. */
export async function pausedRegates(db: Database): Promise<PausedRegate[]> {
  const { rows } = await sql<PausedRegate>`
    select m.prompt, m.label, m.model, m.tenant, l.problem
    from sluice.monitors m
    join sluice.prompts o on o.name = m.prompt and o.archived_at is null
    join sluice.pointers p on p.prompt = m.prompt and p.label = m.label and p.model = m.model and p.tenant = m.tenant
      and p.active_version is not null
    cross join lateral (select * from sluice.regates x where x.monitor_id = m.id and x.ended_at >= m.set_at
      order by x.started_at desc limit 1) l
    where m.name = 'regate' and m.spec ->> 'kind' = 'regate' and l.problem is not null
    order by l.ended_at desc`.execute(db);
  return rows;
}

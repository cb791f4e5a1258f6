import { sql } from "kysely";
import { sayAlert } from "../../domain/plain/say-alert.ts";
import type { AlertSubject, ListedAlert } from "../../domain/shapes/monitors.ts";
import { ALERT, idPrefix, oneByPrefix } from "../../domain/text/id-prefix.ts";
import type { Database } from "../database.ts";

interface Row extends Omit<
  ListedAlert,
  "message" | "openedAt" | "since" | "resolvedAt" | "mutedUntil" | "model" | "tenant"
> {
  readonly model: string;
  readonly tenant: string;
  readonly opened_at: Date;
  readonly since: Date;
  readonly resolved_at: Date | null;
  readonly muted_until: Date | null;
}

export interface AlertsQuery {
  readonly prompt?: string | undefined;
  /** Those that were resolved, too. */
  readonly all?: boolean | undefined;
  readonly idPrefix?: string | undefined;
  readonly limit?: number | undefined;
}

const USUAL_ALERTS = 200;

/** Alerts, those that are open first, the newest of them first. */
export async function listAlerts(db: Database, query: AlertsQuery = {}): Promise<ListedAlert[]> {
  const { prompt, all = false, idPrefix: prefix, limit = USUAL_ALERTS } = query;
  const { rows } = await sql<Row>`
    select a.id, a.kind, m.name as monitor, m.id as "monitorId", m.prompt, m.label, m.model, m.tenant,
      v.prompt || '@' || v.number as version, a.opened_at, a.since, a.evidence, a.triage,
      a.acked_by as "acknowledgedBy", a.resolved_at, a.resolution,
      case when m.muted_until > clock_timestamp() then m.muted_until end as muted_until
    from sluice.alerts a join sluice.monitors m on m.id = a.monitor_id join sluice.versions v on v.id = a.version_id
    where true ${all ? sql`` : sql`and a.resolved_at is null`}
      ${prompt === undefined ? sql`` : sql`and m.prompt = ${prompt}`}
      ${prefix === undefined ? sql`` : sql`and a.id::text like ${`${prefix}%`}`}
    order by a.resolved_at is not null, a.opened_at desc limit ${limit}`.execute(db);
  return rows.map(({ opened_at, since, resolved_at, muted_until, model, tenant, ...row }) => ({
    ...row,
    model: model || null,
    tenant: tenant || null,
    openedAt: opened_at.toISOString(),
    since: since.toISOString(),
    resolvedAt: resolved_at?.toISOString() ?? null,
    mutedUntil: muted_until?.toISOString() ?? null,
    message: sayAlert(row),
  }));
}

/** One alert by its id or the first characters of it. `not_found` unless exactly one has them. */
export async function requireAlert(db: Database, id: string): Promise<ListedAlert> {
  const prefix = idPrefix(id);
  const found = prefix === undefined ? [] : await listAlerts(db, { all: true, idPrefix: prefix, limit: 2 });
  return oneByPrefix(found, id, ALERT);
}

/** What an alert is of, as it is written down. */
export function subjectOf(alert: ListedAlert): AlertSubject {
  const { monitorId: id, monitor: name, prompt, label, model, tenant } = alert;
  return { id, name, prompt, label, model: model ?? "", tenant: tenant ?? "" };
}

/** From when to when alerts of monitors were open since a moment, by monitor. */
export async function alertTimes(
  db: Database,
  monitorIds: readonly string[],
  since: Date,
  kind: "rate" | "silent",
): Promise<Map<string, { readonly from: number; readonly until: number }[]>> {
  const times = new Map<string, { from: number; until: number }[]>();
  if (monitorIds.length === 0) return times;
  const { rows } = await sql<{ monitor_id: string; since: Date; resolved_at: Date | null }>`
    select monitor_id, since, resolved_at from sluice.alerts
    where monitor_id = any (${[...monitorIds]}::uuid[]) and coalesce(resolved_at, 'infinity') > ${since}
      and kind = ${kind}`.execute(db);
  for (const row of rows) {
    const list = times.get(row.monitor_id) ?? [];
    list.push({ from: row.since.getTime(), until: row.resolved_at?.getTime() ?? Infinity });
    times.set(row.monitor_id, list);
  }
  return times;
}

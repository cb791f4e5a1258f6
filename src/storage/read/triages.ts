import { sql } from "kysely";
import type { RegateMonitor } from "../../domain/monitors/monitor.ts";
import type { Triage } from "../../domain/shapes/monitors.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";

/** Tests that are asked again, or were, because of an alert. */
export interface TriageRow extends ScopeColumns {
  readonly alert_id: string;
  readonly regate_id: string;
  /** As it was set when it began, and now. */
  readonly spec: RegateMonitor;
  readonly spec_now: RegateMonitor | "off" | null;
  readonly version_id: string;
  readonly version: string;
  readonly previous_version: string | null;
  /** `support-reply@6` */
  readonly previous: string | null;
  readonly revision: number;
  readonly live_evaluation: string;
  readonly previous_evaluation: string;
  readonly asked_sha256: string | null;
  readonly ended_at: Date | null;
  /** Of the alert: the monitor that has raised it, its metric, and what is said so far. */
  readonly monitor: string;
  readonly metric: string | null;
  /** Since when, at the likeliest, it is worse. */
  readonly since: Date;
  readonly triage: Triage | null;
  readonly resolved_at: Date | null;
}

const rows = sql`
  select t.*, m.prompt, m.label, m.model, m.tenant, m.name as monitor, r.spec as spec_now, a.triage, a.since, a.resolved_at,
    a.evidence ->> 'metric' as metric, v.prompt || '@' || v.number as version,
    w.prompt || '@' || w.number as previous
  from sluice.triages t
  join sluice.alerts a on a.id = t.alert_id
  join sluice.monitors m on m.id = a.monitor_id
  join sluice.monitors r on r.id = t.regate_id
  join sluice.versions v on v.id = t.version_id
  left join sluice.versions w on w.id = t.previous_version`;

export async function findTriage(db: Database, alertId: string): Promise<TriageRow | undefined> {
  const found = await sql<TriageRow>`${rows} where t.alert_id = ${alertId}::uuid`.execute(db);
  return found.rows[0];
}

/** Those that have not ended and of whose workflow nothing was seen for so long. */
export async function quietTriages(db: Database, forMs: number): Promise<TriageRow[]> {
  const found = await sql<TriageRow>`${rows}
    where t.ended_at is null and t.looked_at < clock_timestamp() - ${forMs} * interval '1 millisecond'
    order by t.started_at`.execute(db);
  return found.rows;
}

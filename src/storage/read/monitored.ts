import { sql } from "kysely";
import type { MonitorSpec } from "../../domain/monitors/monitor.ts";
import type { Watch } from "../../statistics/monitoring/watch.ts";
import type { Database } from "../database.ts";
import { POLICY_MONITORS } from "./policy-monitors.ts";

/** A monitor with all that a look needs to know of it. */
export interface Monitored {
  readonly id: string;
  readonly prompt: string;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
  readonly name: string;
  /** As it was set for the scope, or by the policy under which what is live was promoted. */
  readonly spec: MonitorSpec | "off" | null;
  readonly by_policy: boolean;
  readonly muted_until: Date | null;
  /** What is live there; of a budget also what the scope inherits. */
  readonly version_id: string | null;
  readonly version: string | null;
  /** A rollout runs there. */
  readonly is_rolling: boolean;
  readonly watched_version: string | null;
  readonly spec_sha256: string | null;
  readonly watch: Watch | null;
  readonly alert_id: string | null;
  /** Of which version it tells. */
  readonly alert_version: string | null;
  readonly alert_evidence: Readonly<Record<string, unknown>> | null;
}

/** Every monitor, in the order of prompts, labels and names. */
export async function readMonitored(db: Database): Promise<Monitored[]> {
  const { rows } = await sql<Monitored>`
    select m.id, m.prompt, m.label, m.model, m.tenant, m.name, coalesce(m.spec, d.monitors -> m.name) as spec,
      m.spec is null and coalesce(d.monitors ? m.name, false) as by_policy, m.muted_until,
      coalesce(p.active_version, i.active_version) as version_id, v.prompt || '@' || v.number as version,
      p.candidate_version is not null or exists (select from sluice.rollouts r where r.outcome is null
        and r.prompt = m.prompt and r.label = m.label and r.model = m.model and r.tenant = m.tenant) as is_rolling,
      s.version_id as watched_version, s.spec_sha256, s.watch,
      a.id as alert_id, a.version_id as alert_version, a.evidence as alert_evidence
    from sluice.monitors m
    left join sluice.pointers p on p.prompt = m.prompt and p.label = m.label and p.model = m.model and p.tenant = m.tenant
    left join (${POLICY_MONITORS}) d on d.prompt = m.prompt and d.label = m.label and d.model = m.model
      and d.tenant = m.tenant
    left join lateral (select g.active_version from sluice.pointers g
      where coalesce(m.spec, d.monitors -> m.name) ->> 'kind' = 'cost' and g.prompt = m.prompt and g.label = m.label and g.model in (m.model, '')
        and g.tenant in (m.tenant, '') and g.active_version is not null
      order by g.model desc, g.tenant desc limit 1) i on true
    left join sluice.versions v on v.id = coalesce(p.active_version, i.active_version)
    left join sluice.monitor_states s on s.monitor_id = m.id
    left join sluice.alerts a on a.monitor_id = m.id and a.resolved_at is null
    order by m.prompt, m.label, m.model, m.tenant, m.name`.execute(db);
  return rows;
}

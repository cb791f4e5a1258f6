import { sql } from "kysely";
import type { MonitorSpec } from "../../domain/monitors/monitor.ts";
import type { AlertSubject, MonitorPlace } from "../../domain/shapes/monitors.ts";
import type { Watch } from "../../statistics/monitoring/watch.ts";
import type { Transaction } from "../database.ts";
import { POLICY_MONITORS } from "../read/policy-monitors.ts";
import { storableJson } from "../storable-json.ts";
import { appendAudit } from "./append-audit.ts";

/**
 * The moment of the look, where it is this process's turn: nobody has looked for so long. Until the transaction ends
 * nobody else looks, and what it has not committed never was.
 */
export async function claimMonitorLook(transaction: Transaction, everyMs: number): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`
    update sluice.monitor_looks set looked_at = clock_timestamp()
    where one = (select one from sluice.monitor_looks
      where looked_at <= clock_timestamp() - ${everyMs} * interval '1 millisecond' for update skip locked)
    returning looked_at as at`.execute(transaction);
  return rows[0]?.at;
}

/** Writes the usual monitors of every scope of a prompt that is live and has none, and those that its policy names. */
export async function keepUsualMonitors(transaction: Transaction, names: readonly string[]): Promise<void> {
  await sql`
    insert into sluice.monitors (prompt, label, model, tenant, name)
    select p.prompt, p.label, p.model, p.tenant, n.name
    from sluice.pointers p join sluice.prompts o on o.name = p.prompt
    left join (${POLICY_MONITORS}) d on d.prompt = p.prompt and d.label = p.label and d.model = p.model and d.tenant = p.tenant
    cross join lateral (select unnest(${[...names]}::text[]) union select jsonb_object_keys(d.monitors)) as n (name)
    where p.active_version is not null and o.archived_at is null and not exists (select from sluice.monitors m
      where m.prompt = p.prompt and m.label = p.label and m.model = p.model and m.tenant = p.tenant and m.name = n.name)
    order by 1, 2, 3, 4, 5
    on conflict do nothing`.execute(transaction);
}

export interface KeptWatch {
  readonly monitorId: string;
  readonly versionId: string;
  readonly specSha256: string;
  readonly watch: Watch;
  readonly level: number;
}

export async function keepWatches(transaction: Transaction, kept: readonly KeptWatch[]): Promise<void> {
  if (kept.length === 0) return;
  await sql`
    insert into sluice.monitor_states (monitor_id, version_id, spec_sha256, watch, level)
    select "monitorId", "versionId", "specSha256", watch, level
    from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as k("monitorId" uuid, "versionId" uuid, "specSha256" text,
      watch jsonb, level float8)
    on conflict (monitor_id) do update set version_id = excluded.version_id, spec_sha256 = excluded.spec_sha256,
      watch = excluded.watch, level = excluded.level, updated_at = clock_timestamp()`.execute(transaction);
}

/** Sets what is watched at a place; names that are left out are the usual ones again. */
export async function writeMonitors(
  transaction: Transaction,
  {
    place,
    set,
    by,
  }: {
    readonly place: MonitorPlace;
    readonly set: Readonly<Record<string, MonitorSpec | "off">>;
    readonly by: string | null;
  },
): Promise<void> {
  const { prompt, label } = place;
  const [model, tenant] = [place.model ?? "", place.tenant ?? ""];
  const names = Object.keys(set);
  await sql`
    update sluice.monitors set spec = null where prompt = ${prompt} and label = ${label} and model = ${model}
      and tenant = ${tenant} and spec is not null and name <> all (${names}::text[])`.execute(transaction);
  for (const [name, spec] of Object.entries(set))
    await sql`
      insert into sluice.monitors (prompt, label, model, tenant, name, spec)
      values (${prompt}, ${label}, ${model}, ${tenant}, ${name}, ${storableJson(spec)}::jsonb)
      on conflict (prompt, label, model, tenant, name) do update set spec = excluded.spec,
        set_at = clock_timestamp()`.execute(transaction);
  await appendAudit(transaction, {
    prompt,
    action: "monitors_set",
    scope: { prompt, label, model, tenant },
    assertedActor: by,
    details: { monitors: set },
  });
}

/** Has a monitor ring no more until a time; null: it rings again. */
export async function muteMonitor(
  transaction: Transaction,
  {
    monitor,
    until,
    by,
  }: {
    readonly monitor: AlertSubject;
    readonly until: Date | null;
    readonly by: string | null;
  },
): Promise<void> {
  await sql`update sluice.monitors set muted_until = ${until} where id = ${monitor.id}::uuid`.execute(
    transaction,
  );
  await appendAudit(transaction, {
    prompt: monitor.prompt,
    action: until === null ? "monitor_unmuted" : "monitor_muted",
    scope: monitor,
    assertedActor: by,
    details: { monitor: monitor.name, ...(until !== null && { until: until.toISOString() }) },
  });
}

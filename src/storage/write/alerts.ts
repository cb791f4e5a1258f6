import { sql } from "kysely";
import type { AlertEvidence, AlertKind, AlertSubject, Triage } from "../../domain/shapes/monitors.ts";
import type { Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";
import { appendAudit } from "./append-audit.ts";

export interface AlertToOpen {
  readonly monitor: AlertSubject;
  readonly versionId: string;
  readonly kind: AlertKind;
  readonly since: Date;
  readonly evidence: AlertEvidence;
  readonly triage: Triage | null;
}

/** Opens an alert, which tells the webhooks of it; undefined where one of its monitor is open. */
export async function openAlert(transaction: Transaction, alert: AlertToOpen): Promise<string | undefined> {
  const { monitor, versionId, kind, since, evidence, triage } = alert;
  const { rows } = await sql<{ id: string }>`
    insert into sluice.alerts (monitor_id, version_id, kind, since, evidence, triage)
    values (${monitor.id}::uuid, ${versionId}::uuid, ${kind}, ${since}, ${storableJson(evidence)}::jsonb,
      ${triage === null ? null : storableJson(triage)}::jsonb)
    on conflict (monitor_id) where resolved_at is null do nothing returning id`.execute(transaction);
  const id = rows[0]?.id;
  if (id !== undefined)
    await appendAudit(transaction, {
      prompt: monitor.prompt,
      action: "alert_opened",
      scope: monitor,
      toVersion: versionId,
      details: { alertId: id, monitor: monitor.name, kind, ...evidence },
    });
  return id;
}

/** Ends an open alert, and says why. */
export async function resolveAlert(
  transaction: Transaction,
  {
    id,
    monitor,
    resolution,
  }: { readonly id: string; readonly monitor: AlertSubject; readonly resolution: string },
): Promise<void> {
  await sql`
    update sluice.alerts set resolved_at = clock_timestamp(), resolution = ${resolution}
    where id = ${id}::uuid and resolved_at is null`.execute(transaction);
  await appendAudit(transaction, {
    prompt: monitor.prompt,
    action: "alert_resolved",
    scope: monitor,
    reason: resolution,
    details: { alertId: id, monitor: monitor.name },
  });
}

/** More has been seen of an open alert: its webhooks are told again. */
export async function renewAlert(
  transaction: Transaction,
  id: string,
  evidence: AlertEvidence,
): Promise<void> {
  await sql`
    update sluice.alerts set evidence = ${storableJson(evidence)}::jsonb, told_at = clock_timestamp()
    where id = ${id}::uuid and resolved_at is null`.execute(transaction);
}

/** The same, of what is seen by the clock: nobody is told of it for that. */
export async function seeAlertAgain(
  transaction: Transaction,
  id: string,
  evidence: AlertEvidence,
): Promise<void> {
  await sql`update sluice.alerts set evidence = ${storableJson(evidence)}::jsonb where id = ${id}::uuid`.execute(
    transaction,
  );
}

/** Tells again of what is open for so long, and nobody has taken on. */
export async function tellAlertsAgain(transaction: Transaction, everyMs: number): Promise<void> {
  await sql`
    update sluice.alerts set told_at = clock_timestamp()
    where resolved_at is null and acked_by is null
      and told_at < clock_timestamp() - ${everyMs} * interval '1 millisecond'`.execute(transaction);
}

/** Somebody takes an open alert on: it is not told again. Who was first stays. */
export async function acknowledgeAlert(
  transaction: Transaction,
  {
    id,
    monitor,
    by,
    name,
  }: {
    readonly id: string;
    readonly monitor: AlertSubject;
    /** Whom the entry names by their own word; null where it is proven. */
    readonly by: string | null;
    readonly name: string;
  },
): Promise<void> {
  const { rows } = await sql`
    update sluice.alerts set acked_by = ${name}, acked_at = clock_timestamp()
    where id = ${id}::uuid and acked_by is null and resolved_at is null returning 1`.execute(transaction);
  if (rows.length > 0)
    await appendAudit(transaction, {
      prompt: monitor.prompt,
      action: "alert_acknowledged",
      scope: monitor,
      assertedActor: by,
      details: { alertId: id, monitor: monitor.name },
    });
}

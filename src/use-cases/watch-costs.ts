import { type CostMonitor, specOf } from "../domain/monitors/monitor.ts";
import type { LookLine } from "../domain/monitors/look-line.ts";
import { sayAlert } from "../domain/plain/say-alert.ts";
import type { AlertEvidence } from "../domain/shapes/monitors.ts";
import type { Transaction } from "../storage/database.ts";
import { costsSince } from "../storage/read/daily-cost.ts";
import type { Monitored } from "../storage/read/monitored.ts";
import { openAlert, renewAlert, resolveAlert } from "../storage/write/alerts.ts";

interface Budgeted {
  readonly monitor: Monitored & { readonly version_id: string };
  readonly spec: CostMonitor;
}

/** Opens an alert where a scope has used a part of what a day of UTC may cost, says it again at the next part, and closes it with the day. */
export async function watchCosts(
  transaction: Transaction,
  all: readonly Monitored[],
  now: Date,
): Promise<LookLine[]> {
  const day = now.toISOString().slice(0, 10);
  const budgeted = all.flatMap((monitor): Budgeted[] => {
    const spec = specOf(monitor.name, monitor.spec);
    return spec?.kind === "cost" && monitor.version_id !== null
      ? [{ monitor: { ...monitor, version_id: monitor.version_id }, spec }]
      : [];
  });
  const spent = await costsSince(
    transaction,
    budgeted.map(({ monitor }) => monitor),
    new Date(`${day}T00:00:00Z`),
  );
  const lines: LookLine[] = [];
  for (const [index, one] of budgeted.entries()) {
    const line = await watchOne(transaction, one, { day, spentUsd: spent[index]! });
    if (line !== undefined) lines.push({ prompt: one.monitor.prompt, line, isBad: true });
  }
  return lines;
}

async function watchOne(
  transaction: Transaction,
  { monitor, spec }: Budgeted,
  { day, spentUsd }: { readonly day: string; readonly spentUsd: number },
): Promise<string | undefined> {
  const seen = monitor.alert_evidence as AlertEvidence | null;
  const isSame = seen?.budgetUsd === spec.per_day_usd && (seen.stop ?? false) === (spec.stop ?? false);
  const isOfToday = seen?.day === day && isSame;
  if (monitor.alert_id !== null && !isOfToday) {
    const resolution = seen?.day === day ? "the budget was changed" : "a new day has begun";
    await resolveAlert(transaction, { id: monitor.alert_id, monitor, resolution });
  }
  const step = spec.at.findLast((part) => spentUsd >= part * spec.per_day_usd);
  if (step === undefined || (isOfToday && step <= (seen.step ?? 0))) return undefined;
  const evidence: AlertEvidence = {
    metric: "cost_usd",
    day,
    spentUsd,
    budgetUsd: spec.per_day_usd,
    step,
    ...(spec.stop && { stop: true }),
  };
  if (isOfToday && monitor.alert_id !== null) await renewAlert(transaction, monitor.alert_id, evidence);
  else {
    const since = new Date(`${day}T00:00:00Z`);
    const alert = {
      monitor,
      versionId: monitor.version_id,
      kind: "cost",
      since,
      evidence,
      triage: null,
    } as const;
    await openAlert(transaction, alert);
  }
  const told = {
    kind: "cost",
    monitor: monitor.name,
    version: monitor.version ?? "",
    label: monitor.label,
  } as const;
  return `alert: ${sayAlert({ ...told, evidence })}`;
}

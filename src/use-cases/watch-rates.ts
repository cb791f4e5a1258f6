import { digestJson } from "../digest.ts";
import { type RateMonitor, specOf } from "../domain/monitors/monitor.ts";
import type { LookLine } from "../domain/monitors/look-line.ts";
import { sayAlert } from "../domain/plain/say-alert.ts";
import type { AlertEvidence } from "../domain/shapes/monitors.ts";
import { alarmLevel, evidenceOf } from "../statistics/monitoring/e-detector.ts";
import {
  anew,
  beginWatch,
  countHours,
  HOUR_MS,
  isOver,
  measureOf,
  REFERENCE_MS,
  type Rise,
  riseOf,
  type Watch,
  wantsReference,
  withReference,
} from "../statistics/monitoring/watch.ts";
import type { Transaction } from "../storage/database.ts";
import { alertTimes } from "../storage/read/alerts.ts";
import { type HoursQuery, metricHours } from "../storage/read/metric-hours.ts";
import type { Monitored } from "../storage/read/monitored.ts";
import { openAlert, resolveAlert } from "../storage/write/alerts.ts";
import { keepWatches } from "../storage/write/monitors.ts";
import { readTriage } from "./read-triage.ts";

/** Outcomes have the hour in which they came: what is so old is written by now. */
const SETTLED_MS = 5 * 60_000;
/** References that are made in one look; the others are made in the next. */
const MOST_REFERENCES = 60;

/** A monitor in a look. */
interface Looked {
  readonly monitor: Monitored & { readonly version_id: string };
  readonly spec: RateMonitor;
  readonly specSha256: string;
  readonly before: Watch | null;
  watch: Watch;
  alertId: string | null;
}

/** Counts what has come since the last look, and opens and closes alerts of rates. Gives what there is to say. */
export async function watchRates(
  transaction: Transaction,
  all: readonly Monitored[],
  now: Date,
): Promise<LookLine[]> {
  const hour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const over = Math.floor((now.getTime() - SETTLED_MS) / HOUR_MS) * HOUR_MS;
  const lines: LookLine[] = [];
  const looked: Looked[] = [];
  for (const monitor of all) {
    const spec = specOf(monitor.name, monitor.spec);
    const isRate = spec?.kind === "rate";
    const specSha256 = isRate ? digestJson(spec) : "";
    const ended = isRate || spec === undefined ? endOf(monitor, specSha256) : undefined;
    if (ended !== undefined && monitor.alert_id !== null) {
      await resolveAlert(transaction, { id: monitor.alert_id, monitor, resolution: ended });
      lines.push(closed(monitor, ended));
    }
    if (!isRate || monitor.version_id === null) continue;
    const before = ended === undefined ? monitor.watch : null;
    looked.push({
      monitor: { ...monitor, version_id: monitor.version_id },
      spec,
      specSha256,
      before,
      watch: before ?? beginWatch(over),
      alertId: ended === undefined ? monitor.alert_id : null,
    });
  }
  await makeReferences(transaction, looked);
  const sharing = Math.max(1, looked.filter(({ watch, spec }) => measureOf(watch, spec)).length);
  lines.push(...(await countAndRing(transaction, looked, { hour, over, sharing })));
  await keepWatches(
    transaction,
    looked
      .filter(({ watch, before }) => watch !== before)
      .map(({ monitor, specSha256, watch }) => ({
        monitorId: monitor.id,
        versionId: monitor.version_id,
        specSha256,
        watch,
        level: alarmLevel(sharing),
      })),
  );
  return lines;
}

/** Why what was watched is so no more; undefined: it goes on. */
function endOf(monitor: Monitored, specSha256: string): string | undefined {
  if (specSha256 === "") return "the monitor was switched off";
  if (monitor.version_id === null) return "nothing is live there any more";
  const watched = monitor.watched_version;
  if (watched !== null && watched !== monitor.version_id)
    return `${monitor.version ?? "another version"} is live now`;
  if (monitor.spec_sha256 !== null && monitor.spec_sha256 !== specSha256) return "the monitor was changed";
  return undefined;
}

async function makeReferences(transaction: Transaction, looked: readonly Looked[]): Promise<void> {
  const due = looked
    .filter(({ watch, alertId }) => alertId === null && wantsReference(watch))
    .toSorted((a, b) => a.watch.looked - b.watch.looked)
    .slice(0, MOST_REFERENCES);
  if (due.length === 0) return;
  const from = Math.min(...due.map(({ watch }) => watch.until)) - REFERENCE_MS;
  const times = await alertTimes(
    transaction,
    due.map(({ monitor }) => monitor.id),
    new Date(from),
    "rate",
  );
  const hours = await metricHours(
    transaction,
    due.map((one) => query(one, one.watch.until - REFERENCE_MS, one.watch.until)),
  );
  const sharing = looked.length;
  for (const [index, one] of due.entries()) {
    const bad = times.get(one.monitor.id) ?? [];
    const good = hours[index]!.filter(
      ({ hour }) => !bad.some(({ from, until }) => hour >= from && hour < until),
    );
    one.watch = withReference(one.watch, good, one.spec, sharing);
  }
}

async function countAndRing(
  transaction: Transaction,
  looked: readonly Looked[],
  { hour, over, sharing }: { readonly hour: number; readonly over: number; readonly sharing: number },
): Promise<LookLine[]> {
  const lines: LookLine[] = [];
  // What a canary looks at is left to it: those hours are nobody's.
  for (const one of looked.filter(({ monitor }) => monitor.is_rolling))
    if (one.watch.until < over) one.watch = { ...one.watch, until: over };
  const counting = looked.filter(({ monitor, watch, spec }) => !monitor.is_rolling && measureOf(watch, spec));
  for (const one of looked)
    if (!counting.includes(one) && one.watch.until < over) one.watch = { ...one.watch, until: over };
  const end = hour + HOUR_MS;
  const found = await metricHours(
    transaction,
    counting.map((one) => query(one, one.watch.until, end)),
  );
  const near: { readonly one: Looked; readonly present: Watch }[] = [];
  for (const [index, one] of counting.entries()) {
    const isOpen = one.alertId !== null;
    const settled = countHours(one.watch, found[index]!, one.spec, { end: over, isOpen });
    // The hour that goes on is looked at too, and counted when it is over.
    const present = countHours(settled, found[index]!, one.spec, { end, isOpen });
    if (settled.until !== one.watch.until) one.watch = settled;
    if (isOpen && isOver(present)) {
      const resolution = "it is as it was before";
      await resolveAlert(transaction, { id: one.alertId!, monitor: one.monitor, resolution });
      one.watch = anew(one.watch);
      lines.push(closed(one.monitor, resolution));
    } else if (!isOpen && !isMuted(one.monitor, hour) && evidenceOf(present.detectors) >= alarmLevel(sharing))
      near.push({ one, present });
  }
  const since = await metricHours(
    transaction,
    near.map(({ one }) => query(one, Math.max(one.watch.began, hour - REFERENCE_MS), end)),
  );
  for (const [index, { one, present }] of near.entries()) {
    const rise = riseOf(present, since[index]!, one.spec, sharing);
    if (rise) lines.push(...(await ring(transaction, one, rise)));
  }
  return lines;
}

async function ring(transaction: Transaction, one: Looked, rise: Rise): Promise<LookLine[]> {
  const { monitor, spec } = one;
  const { x, n, accepted } = rise;
  const usual = one.watch.reference?.rate ?? null;
  const evidence: AlertEvidence = { metric: spec.metric, x, n, usual, accepted };
  const since = new Date(rise.since);
  const triage = await readTriage(transaction, { monitor, versionId: monitor.version_id, since });
  const alert = { monitor, versionId: monitor.version_id, kind: "rate", since, evidence, triage } as const;
  const id = await openAlert(transaction, alert);
  one.watch = anew(one.watch);
  if (id === undefined) return [];
  const told = {
    kind: "rate",
    monitor: monitor.name,
    version: monitor.version ?? "",
    label: monitor.label,
  } as const;
  return [{ prompt: monitor.prompt, line: `alert: ${sayAlert({ ...told, evidence })}`, isBad: true }];
}

function query({ monitor, spec }: Looked, from: number, until: number): HoursQuery {
  const { version_id: versionId, label, model, tenant } = monitor;
  return { versionId, label, model, tenant, metric: spec.metric, from, until };
}

function isMuted({ muted_until: until }: Monitored, hour: number): boolean {
  return until !== null && until.getTime() > hour;
}

function closed({ prompt, label, name }: Monitored, resolution: string): LookLine {
  return { prompt, line: `the alert ${name} of ${prompt} in ${label} is over: ${resolution}`, isBad: false };
}

import { digestJson } from "../digest.ts";
import type { LookLine } from "../domain/monitors/look-line.ts";
import { type SilentMonitor, specOf } from "../domain/monitors/monitor.ts";
import { sayAlert } from "../domain/plain/say-alert.ts";
import type { AlertEvidence } from "../domain/shapes/monitors.ts";
import { type Hush, hushOf, SILENCE_MS } from "../statistics/monitoring/silence.ts";
import { beginWatch, HOUR_MS } from "../statistics/monitoring/watch.ts";
import type { Transaction } from "../storage/database.ts";
import { alertTimes } from "../storage/read/alerts.ts";
import type { Monitored } from "../storage/read/monitored.ts";
import { scopeCalls } from "../storage/read/scope-calls.ts";
import { openAlert, resolveAlert } from "../storage/write/alerts.ts";
import { type KeptWatch, keepWatches } from "../storage/write/monitors.ts";

/** Outcomes have the hour in which they came: what is so old is written by now. */
const SETTLED_MS = 5 * 60_000;

interface Listened {
  readonly monitor: Monitored & { readonly version_id: string };
  readonly spec: SilentMonitor;
  readonly specSha256: string;
}

/** Once an hour: opens an alert where calls of a scope have stopped while others go on, and closes it where they come again. */
export async function watchSilence(
  transaction: Transaction,
  all: readonly Monitored[],
  now: Date,
): Promise<LookLine[]> {
  const end = Math.floor((now.getTime() - SETTLED_MS) / HOUR_MS) * HOUR_MS;
  const listened = all.flatMap((monitor): Listened[] => {
    const spec = specOf(monitor.name, monitor.spec);
    const { version_id } = monitor;
    return spec?.kind === "silent" && version_id !== null
      ? [{ monitor: { ...monitor, version_id }, spec, specSha256: digestJson(spec) }]
      : [];
  });
  const lines = await closeIdle(transaction, all);
  const due = listened.filter(
    ({ monitor, specSha256 }) => monitor.spec_sha256 !== specSha256 || (monitor.watch?.until ?? 0) < end,
  );
  const silent = await alertTimes(
    transaction,
    due.map(({ monitor }) => monitor.id),
    new Date(end - SILENCE_MS),
    "silent",
  );
  const kept: KeptWatch[] = [];
  for (const one of due) {
    const times = silent.get(one.monitor.id) ?? [];
    const since = new Date(end - SILENCE_MS);
    const calls = await scopeCalls(transaction, one.monitor, { since, until: new Date(end) });
    const hush = hushOf({
      ...calls,
      end,
      hours: one.spec.hours,
      monitors: listened.length,
      isLeftOut: (hour) => times.some(({ from, until }) => hour >= from && hour < until),
    });
    lines.push(...(await tell(transaction, one, { hush, end, now })));
    kept.push({
      monitorId: one.monitor.id,
      versionId: one.monitor.version_id,
      specSha256: one.specSha256,
      watch: { ...beginWatch(end), looked: hush ? end : 0 },
      level: 0,
    });
  }
  await keepWatches(transaction, kept);
  return lines;
}

async function tell(
  transaction: Transaction,
  { monitor, spec, specSha256 }: Listened,
  { hush, end, now }: { readonly hush: Hush | undefined; readonly end: number; readonly now: Date },
): Promise<LookLine[]> {
  const { alert_id: id, version_id: versionId } = monitor;
  if (id !== null) {
    const isChanged = monitor.spec_sha256 !== specSha256;
    if (!isChanged && hush && !hush.isOver) return [];
    const resolution = isChanged
      ? "the monitor was changed"
      : hush
        ? "calls come again"
        : "there is too little left to hold it against";
    await resolveAlert(transaction, { id, monitor, resolution });
    return [closed(monitor, resolution)];
  }
  const isMuted = monitor.muted_until !== null && monitor.muted_until > now;
  if (!hush?.isSilent || isMuted) return [];
  const { calls, fewest, days } = hush;
  const evidence: AlertEvidence = { calls, hours: spec.hours, fewest, days };
  const since = new Date(end - spec.hours * HOUR_MS);
  await openAlert(transaction, { monitor, versionId, kind: "silent", since, evidence, triage: null });
  const told = {
    kind: "silent",
    monitor: monitor.name,
    version: monitor.version ?? "",
    label: monitor.label,
  } as const;
  return [{ prompt: monitor.prompt, line: `alert: ${sayAlert({ ...told, evidence })}`, isBad: true }];
}

/** Where nothing is live any more, nobody expects calls. */
async function closeIdle(transaction: Transaction, all: readonly Monitored[]): Promise<LookLine[]> {
  const lines: LookLine[] = [];
  for (const monitor of all) {
    if (monitor.alert_id === null || monitor.version_id !== null) continue;
    if (specOf(monitor.name, monitor.spec)?.kind !== "silent") continue;
    const resolution = "nothing is live there any more";
    await resolveAlert(transaction, { id: monitor.alert_id, monitor, resolution });
    lines.push(closed(monitor, resolution));
  }
  return lines;
}

function closed({ prompt, label, name }: Monitored, resolution: string): LookLine {
  return { prompt, line: `the alert ${name} of ${prompt} in ${label} is over: ${resolution}`, isBad: false };
}

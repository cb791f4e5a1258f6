import { invalidInput } from "../domain/errors.ts";
import { specOf } from "../domain/monitors/monitor.ts";
import type { ReplayedMonitor } from "../domain/shapes/monitors.ts";
import { plant, replay, type Ringing } from "../statistics/monitoring/replay.ts";
import { HOUR_MS } from "../statistics/monitoring/watch.ts";
import type { Database } from "../storage/database.ts";
import { metricHours } from "../storage/read/metric-hours.ts";
import { readMonitored } from "../storage/read/monitored.ts";
import { fleetOf, oneOf } from "./list-monitors.ts";

const DAYS = 30;
/** A change is planted so long before the end, so that there is time to find it. */
const PLANTED_MS = 7 * 24 * HOUR_MS;

/**
 * Goes through the last 30 days of the version that is live as a worker would have: what would have rung, and when a
 * change of this size would have been found. Writes nothing. `invalid_input` for a monitor of no rate.
 */
export async function replayMonitor(
  db: Database,
  { id, factor, at = new Date() }: { readonly id: string; readonly factor: number; readonly at?: Date },
): Promise<ReplayedMonitor> {
  if (!(factor > 1 && factor <= 100))
    throw invalidInput("a change is more than 1 and at most 100 times the rate");
  const all = await readMonitored(db);
  const row = oneOf(all, id);
  const spec = specOf(row.name, row.spec);
  if (spec?.kind !== "rate" || row.version_id === null)
    throw invalidInput(
      `${row.name} of ${row.prompt} counts no calls of a live version, so there is nothing to go through`,
    );
  const until = Math.floor(at.getTime() / HOUR_MS) * HOUR_MS;
  const from = until - DAYS * 24 * HOUR_MS;
  const { version_id: versionId, label, model, tenant } = row;
  const asked = { versionId, label, model, tenant, metric: spec.metric, from, until };
  const hours = (await metricHours(db, [asked]))[0]!;
  const fleet = fleetOf(all);
  const planted = plant(hours, spec, { from: until - PLANTED_MS, factor });
  const found = planted && replay(planted, spec, fleet).find(({ at }) => at >= until - PLANTED_MS);
  return {
    monitor: row.name,
    prompt: row.prompt,
    label,
    version: row.version!,
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
    hours: hours.length,
    rang: replay(hours, spec, fleet).map(told),
    planted: planted
      ? { factor, foundAfterHours: found ? (found.at - (until - PLANTED_MS)) / HOUR_MS + 1 : null }
      : null,
  };
}

function told({ at, over, since, x, n, accepted }: Ringing): ReplayedMonitor["rang"][number] {
  return {
    at: new Date(at).toISOString(),
    over: over === null ? null : new Date(over).toISOString(),
    since: new Date(since).toISOString(),
    x,
    n,
    accepted,
  };
}

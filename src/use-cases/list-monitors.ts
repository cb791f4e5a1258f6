import { specOf } from "../domain/monitors/monitor.ts";
import type {
  Finds,
  ListedCost,
  ListedMonitor,
  ListedRegate,
  Monitors,
  MonitorState,
} from "../domain/shapes/monitors.ts";
import { idPrefix, MONITOR, oneByPrefix } from "../domain/text/id-prefix.ts";
import { alarmLevel, evidenceOf, hoursToFind } from "../statistics/monitoring/e-detector.ts";
import { measureOf } from "../statistics/monitoring/watch.ts";
import type { Fleet } from "../statistics/monitoring/replay.ts";
import type { Database } from "../storage/database.ts";
import { monitorsLookedAt } from "../storage/read/monitor-look.ts";
import { type Monitored, readMonitored } from "../storage/read/monitored.ts";
import { readRegateStandings, type RegateStanding } from "../storage/read/regates.ts";
import { listCosts } from "./list-costs.ts";

/** Changes of which it is said when they would be found: so many times the rate. */
const FACTORS = [1.5, 2, 3, 5] as const;
/** Later is never. */
const MOST_HOURS = 90 * 24;

/** What is watched, of all prompts or of one, with how far each monitor has come. */
export async function listMonitors(
  db: Database,
  { prompt }: { readonly prompt?: string | undefined } = {},
): Promise<Monitors> {
  const [lookedAt, all, regates] = await Promise.all([
    monitorsLookedAt(db),
    readMonitored(db),
    readRegateStandings(db, prompt),
  ]);
  const { sharing } = fleetOf(all);
  const now = new Date();
  const asked = all.filter((one) => prompt === undefined || one.prompt === prompt);
  const costs = await listCosts(db, asked, now);
  return {
    lookedAt: lookedAt?.toISOString() ?? null,
    sharing,
    monitors: asked.map((one) =>
      listed(one, { sharing, now, regate: regates.get(one.id), cost: costs.get(one.id) }),
    ),
  };
}

/** How many monitors count calls of a live version, and how many of them share one false alarm: those that can ring. */
export function fleetOf(all: readonly Monitored[]): Fleet {
  let [monitors, sharing] = [0, 0];
  for (const { name, spec: set, watch, version_id } of all) {
    const spec = specOf(name, set);
    if (version_id === null || spec?.kind !== "rate") continue;
    monitors++;
    if (watch !== null && measureOf(watch, spec)) sharing++;
  }
  return { monitors: Math.max(1, monitors), sharing: Math.max(1, sharing) };
}

/** One of them by its id or the first characters of it. `not_found` unless exactly one has them. */
export async function readMonitor(db: Database, id: string): Promise<ListedMonitor> {
  const all = await readMonitored(db);
  const one = oneOf(all, id);
  const regate = (await readRegateStandings(db, one.prompt)).get(one.id);
  const now = new Date();
  const cost = (await listCosts(db, [one], now)).get(one.id);
  return listed(one, { sharing: fleetOf(all).sharing, now, regate, cost });
}

/** The same among those that were read. */
export function oneOf(all: readonly Monitored[], id: string): Monitored {
  const prefix = idPrefix(id);
  return oneByPrefix(prefix === undefined ? [] : all.filter((one) => one.id.startsWith(prefix)), id, MONITOR);
}

interface Known {
  readonly sharing: number;
  readonly now: Date;
  readonly regate: RegateStanding | undefined;
  readonly cost: ListedCost | undefined;
}

function listed(one: Monitored, { sharing, now, regate, cost }: Known): ListedMonitor {
  const spec = specOf(one.name, one.spec) ?? null;
  const isCurrent = one.watched_version === one.version_id;
  const watch = isCurrent ? one.watch : null;
  const { reference = null } = watch ?? {};
  const accepted = watch && spec?.kind === "rate" ? (measureOf(watch, spec)?.p0 ?? null) : null;
  const level = alarmLevel(sharing);
  const seen = watch ? evidenceOf(watch.detectors) : 0;
  return {
    id: one.id,
    prompt: one.prompt,
    label: one.label,
    model: one.model || null,
    tenant: one.tenant || null,
    name: one.name,
    set: one.spec !== null && !one.by_policy,
    byPolicy: one.by_policy,
    spec,
    state: stateOf(one, now, { hasReference: reference !== null, accepted, regate, cost }),
    version: one.version,
    mutedUntil: one.muted_until && one.muted_until > now ? one.muted_until.toISOString() : null,
    alertId: one.alert_id,
    reference: reference && {
      from: new Date(reference.from).toISOString(),
      until: new Date(reference.until).toISOString(),
      calls: reference.calls,
      rate: reference.rate,
      perHour: reference.perHour,
    },
    accepted,
    evidence: Math.min(1, Math.max(0, Math.log(Math.max(1, seen)) / Math.log(level))),
    finds:
      reference && accepted !== null
        ? FACTORS.map((factor): Finds => {
            const hours = hoursToFind(
              Math.min(0.99, factor * reference.rate),
              reference.perHour,
              accepted,
              level,
            );
            return { factor, hours: hours === null || hours > MOST_HOURS ? null : Math.ceil(hours) };
          })
        : [],
    regate: spec?.kind === "regate" ? listedRegate(regate) : null,
    cost: cost ?? null,
  };
}

function listedRegate(standing: RegateStanding | undefined): ListedRegate {
  const { finding = null } = standing ?? {};
  return {
    referredAt: standing?.referred_at?.toISOString() ?? null,
    comparedAt: standing?.compared_at?.toISOString() ?? null,
    cases: finding?.cases ?? 0,
    passRate: finding?.passRate ?? null,
    referencePassRate: finding?.referencePassRate ?? standing?.reference?.passRate ?? null,
    problem: standing?.problem ?? null,
    answeredBy: standing?.answered_by ?? null,
  };
}

function stateOf(
  one: Monitored,
  now: Date,
  {
    hasReference,
    accepted,
    regate,
    cost,
  }: {
    readonly hasReference: boolean;
    readonly accepted: number | null;
  } & Pick<Known, "regate" | "cost">,
): MonitorState {
  const spec = specOf(one.name, one.spec);
  if (spec === undefined) return "off";
  if (spec.kind === "cost" && spec.stop && cost && cost.spentUsd >= spec.per_day_usd) return "stopped";
  if (one.version_id === null) return "idle";
  if (one.alert_id !== null) return "alert";
  if (one.muted_until && one.muted_until > now) return "muted";
  if (spec.kind === "regate" && (regate?.problem ?? null) !== null) return "paused";
  if (spec.kind === "regate") return regate?.referred_at ? "watching" : "learning";
  if (spec.kind === "silent") return one.watch?.looked ? "watching" : "learning";
  if (spec.kind !== "rate") return "watching";
  if (one.is_rolling) return "rollout";
  if (accepted !== null) return hasReference ? "watching" : "learning";
  return hasReference ? "blind" : "learning";
}

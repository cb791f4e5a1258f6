import { USUAL_NAMES } from "../domain/monitors/monitor.ts";
import type { LookLine } from "../domain/monitors/look-line.ts";
import type { Log } from "../telemetry/log-lines.ts";
import type { Database } from "../storage/database.ts";
import { readMonitored } from "../storage/read/monitored.ts";
import { transact } from "../storage/transact.ts";
import { tellAlertsAgain } from "../storage/write/alerts.ts";
import { claimMonitorLook, keepUsualMonitors } from "../storage/write/monitors.ts";
import { watchAnswering } from "./watch-answering.ts";
import { watchCosts } from "./watch-costs.ts";
import { watchRates } from "./watch-rates.ts";
import { watchRegates } from "./watch-regates.ts";
import { watchSilence } from "./watch-silence.ts";

/** A look is made so often at most, whoever makes it, in ms. */
const EVERY_MS = 60_000;
/** Told again so often while it is open and nobody has taken it on. */
const TOLD_AGAIN_MS = 24 * 3_600_000;

export interface MonitorWatch {
  readonly log: Log;
  readonly everyMs?: number | undefined;
  /** What time it is taken to be; the database's own clock by default. */
  readonly at?: Date | undefined;
}

/**
 * Looks at all monitors, where it is this process's turn: counts the hours that have gone by, opens alerts and closes
 * those that are over. One transaction: what a worker that dies has begun has never been, and no hour counts twice. True
 * when it has looked.
 */
export async function watchMonitors(
  db: Database,
  { log, everyMs = EVERY_MS, at }: MonitorWatch,
): Promise<boolean> {
  const lines = await transact(db, async (transaction): Promise<LookLine[] | undefined> => {
    const claimed = await claimMonitorLook(transaction, everyMs);
    if (!claimed) return undefined;
    await keepUsualMonitors(transaction, USUAL_NAMES);
    const all = await readMonitored(transaction);
    const now = at ?? claimed;
    const found = [
      ...(await watchRates(transaction, all, now)),
      ...(await watchCosts(transaction, all, now)),
      ...(await watchSilence(transaction, all, now)),
      ...(await watchRegates(transaction, all)),
      ...(await watchAnswering(transaction, now)),
    ];
    await tellAlertsAgain(transaction, TOLD_AGAIN_MS);
    return found;
  });
  for (const { prompt, line, isBad } of lines ?? []) log(line, { level: isBad ? "warn" : "info", prompt });
  return lines !== undefined;
}

import { ASK_AGAIN, ASKING } from "../domain/plain/say-triage.ts";
import type { Triage } from "../domain/shapes/monitors.ts";
import type { TriageTemporal } from "../protocol/rollout-temporal.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { installationOrigin } from "../storage/read/installation.ts";
import { findTriage, quietTriages } from "../storage/read/triages.ts";
import { transact } from "../storage/transact.ts";
import { claimTriages, keepTriage, noteTriageLook } from "../storage/write/triages.ts";

/** One whose workflow was not seen for so long is looked for, in ms. */
const QUIET_MS = 60_000;

/**
 * Has the tests of what is live, and of the version before it, asked again for each alert that is due: its scope has a
 * `regate`, which is the consent to pay. Rows first, then workflows; one that has none is started at a later look, too.
 * Gives the versions.
 */
export async function beginTriages(
  db: Database,
  temporal: TriageTemporal,
  { quietMs = QUIET_MS }: { readonly quietMs?: number } = {},
): Promise<string[]> {
  const claimed = await transact(db, async (transaction) => {
    const alerts = await claimTriages(transaction);
    for (const alert of alerts) await sayAsking(transaction, alert);
    return alerts;
  });
  for (const alert of claimed) await start(db, temporal, alert);
  for (const { alert_id: alert } of await quietTriages(db, quietMs)) {
    if (!(await temporal.triageRuns(alert))) await start(db, temporal, alert);
    await noteTriageLook(db, alert);
  }
  const begun = await Promise.all(claimed.map((alert) => findTriage(db, alert)));
  return begun.flatMap((one) => (one ? [one.version] : []));
}

async function start(db: Database, temporal: TriageTemporal, alertId: string): Promise<void> {
  const found = await findTriage(db, alertId);
  if (!found) return;
  const installation = await installationOrigin(db);
  await temporal.startTriage({ alertId }, { installation, version: found.version });
}

/** What was guessed stays until the tests say more. */
async function sayAsking(transaction: Transaction, alertId: string): Promise<void> {
  const guess: Triage = (await findTriage(transaction, alertId))?.triage ?? { cause: "unknown", says: [] };
  const says = [...guess.says.filter((said) => said !== ASK_AGAIN), ASKING];
  const tests = { state: "asking", live: null, previous: null, problem: null, rollback: null } as const;
  await keepTriage(transaction, alertId, { ...guess, says, tests }, { tell: false });
}

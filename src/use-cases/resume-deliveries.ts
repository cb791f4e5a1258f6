import type { DeliveryTemporal } from "../protocol/rollout-temporal.ts";
import type { Database } from "../storage/database.ts";
import { installationOrigin } from "../storage/read/installation.ts";
import { type DeliveryRow, dueDeliveries, quietDeliveries } from "../storage/read/deliveries.ts";

/**
 * Has the deliveries look again for which something has happened, and starts the workflow of one that has none any more.
 * One that cannot be woken keeps none of the others waiting.
 */
export async function wakeDueDeliveries(db: Database, temporal: DeliveryTemporal): Promise<void> {
  const failures: unknown[] = [];
  for (const delivery of await dueDeliveries(db))
    await carry(db, temporal, delivery).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/**
 * Starts the workflow of open deliveries again that somebody has terminated, or whose Temporal was lost: what they have to
 * do is in their rows. Gives the versions that are on their way again.
 *
 * @param olderThanMs what was looked at since is left alone, in ms
 */
export async function resumeDeliveries(
  db: Database,
  temporal: DeliveryTemporal,
  { olderThanMs }: { readonly olderThanMs: number },
): Promise<string[]> {
  const resumed: string[] = [];
  for (const delivery of await quietDeliveries(db, olderThanMs)) {
    if (await temporal.deliveryRuns(delivery.prompt, delivery.commit)) continue;
    await start(db, temporal, delivery);
    resumed.push(versionOf(delivery));
  }
  return resumed;
}

async function carry(db: Database, temporal: DeliveryTemporal, delivery: DeliveryRow): Promise<void> {
  if (!(await temporal.wakeDelivery(delivery.prompt, delivery.commit))) await start(db, temporal, delivery);
}

async function start(db: Database, temporal: DeliveryTemporal, delivery: DeliveryRow): Promise<void> {
  const { id: deliveryId, prompt, commit } = delivery;
  const installation = await installationOrigin(db);
  await temporal.startDelivery(
    { deliveryId, version: versionOf(delivery), commit },
    { prompt, installation },
  );
}

function versionOf({ prompt, number }: DeliveryRow): string {
  return `${prompt}@${number}`;
}

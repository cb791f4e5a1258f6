import type { ListedAlert } from "../domain/shapes/monitors.ts";
import type { Database } from "../storage/database.ts";
import { requireAlert, subjectOf } from "../storage/read/alerts.ts";
import { transact } from "../storage/transact.ts";
import { acknowledgeAlert } from "../storage/write/alerts.ts";

/** Somebody takes an alert on: it is not told again. Once; who was first stays. */
export async function answerAlert(
  db: Database,
  { id, by, name }: { readonly id: string; readonly by: string | null; readonly name: string },
): Promise<ListedAlert> {
  const alert = await requireAlert(db, id);
  await transact(db, (transaction) =>
    acknowledgeAlert(transaction, { id: alert.id, monitor: subjectOf(alert), by, name }),
  );
  return requireAlert(db, alert.id);
}

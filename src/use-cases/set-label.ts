import { assertLabel } from "../domain/names.ts";
import type { ChangedLabel } from "../domain/shapes/labels.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { changeLabel, type LabelChange } from "../storage/write/change-label.ts";

/**
 * Says of a label, whether it serves anything yet or not, that keys need the role `releaser` to move it, or do not, what a
 * move without evidence comes to there, and at which label a version has to be live first, and for how long.
 */
export async function setLabel(db: Database, change: LabelChange): Promise<ChangedLabel> {
  const label = assertLabel(change.label);
  if (typeof change.from === "string") assertLabel(change.from);
  return transact(db, (transaction) => changeLabel(transaction, { ...change, label }));
}

import { assertLabel } from "../domain/names.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { type LabelToProtect, protectLabel } from "../storage/write/protect-label.ts";
import type { ProtectedLabel } from "../domain/shapes/labels.ts";

/** Says of a label, whether it serves anything yet or not, that keys need the role `releaser` to move it, or do not. */
export async function setProtected(db: Database, request: LabelToProtect): Promise<ProtectedLabel> {
  const label = assertLabel(request.label);
  const changed = await transact(db, (transaction) => protectLabel(transaction, request));
  return { label, protected: request.protected, changed };
}

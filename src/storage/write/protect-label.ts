import { sql } from "kysely";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";

export interface LabelToProtect {
  readonly label: string;
  readonly protected: boolean;
  readonly reason: string;
  readonly assertedActor: string | null;
}

/** Says whether a label is protected; false when it was so already. The entry is in a chain of no prompt's. */
export async function protectLabel(transaction: Transaction, given: LabelToProtect): Promise<boolean> {
  const { label, reason, assertedActor } = given;
  const changed = await transaction
    .insertInto("labels")
    .values({ label, protected: given.protected })
    .onConflict((conflict) =>
      conflict
        .column("label")
        .doUpdateSet({ protected: given.protected, updated_at: sql<Date>`clock_timestamp()` })
        .where("labels.protected", "!=", given.protected),
    )
    .returning("label")
    .executeTakeFirst();
  if (!changed) return false;
  await appendAudit(transaction, {
    prompt: "",
    action: given.protected ? "label_protected" : "label_unprotected",
    scope: { label, prompt: "", model: "", tenant: "" },
    reason,
    assertedActor,
  });
  return true;
}

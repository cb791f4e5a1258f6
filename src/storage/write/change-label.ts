import { sql } from "kysely";
import type { ChangedLabel, LabelSettings } from "../../domain/shapes/labels.ts";
import type { Transaction } from "../database.ts";
import { labelSettings } from "../read/label-list.ts";
import { appendAudit } from "./append-audit.ts";

export interface LabelChange {
  readonly label: string;
  readonly protected?: boolean | undefined;
  readonly onDirectMove?: LabelSettings["onDirectMove"] | undefined;
  readonly reason: string;
  readonly assertedActor: string | null;
}

/** Changes what is said of a label; what is left out stays as it is. The entry is in a chain of no prompt's. */
export async function changeLabel(transaction: Transaction, change: LabelChange): Promise<ChangedLabel> {
  const { label, reason, assertedActor } = change;
  // Whoever is second waits here, and finds what the first has left.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`sluice.labels/${label}`}, 0))`.execute(
    transaction,
  );
  const before = await labelSettings(transaction, label);
  const after: LabelSettings = {
    protected: change.protected ?? before.protected,
    onDirectMove: change.onDirectMove ?? before.onDirectMove,
  };
  const isOther = {
    protected: before.protected !== after.protected,
    moves: before.onDirectMove !== after.onDirectMove,
  };
  if (!isOther.protected && !isOther.moves) return { label, ...after, changed: false };
  const columns = { protected: after.protected, on_direct_move: after.onDirectMove };
  await transaction
    .insertInto("labels")
    .values({ label, ...columns })
    .onConflict((conflict) =>
      conflict.column("label").doUpdateSet({ ...columns, updated_at: sql<Date>`clock_timestamp()` }),
    )
    .execute();
  await appendAudit(transaction, {
    prompt: "",
    action: !isOther.protected ? "label_changed" : after.protected ? "label_protected" : "label_unprotected",
    scope: { label, prompt: "", model: "", tenant: "" },
    reason,
    assertedActor,
    ...(isOther.moves && { details: { onDirectMove: after.onDirectMove } }),
  });
  return { label, ...after, changed: true };
}

import { sql } from "kysely";
import { invalidInput } from "../../domain/errors.ts";
import type { ChangedLabel, LabelSettings } from "../../domain/shapes/labels.ts";
import type { Transaction } from "../database.ts";
import { labelSettings } from "../read/label-list.ts";
import { appendAudit } from "./append-audit.ts";

/** What is left out stays as it is. */
export interface LabelChange {
  readonly label: string;
  readonly protected?: LabelSettings["protected"] | undefined;
  readonly onDirectMove?: LabelSettings["onDirectMove"] | undefined;
  readonly from?: LabelSettings["from"] | undefined;
  readonly liveForMs?: LabelSettings["liveForMs"] | undefined;
  readonly reason: string;
  readonly assertedActor: string | null;
}

/** Changes what is said of a label. The entry is in a chain of no prompt's. */
export async function changeLabel(transaction: Transaction, change: LabelChange): Promise<ChangedLabel> {
  const { label, reason, assertedActor } = change;
  // Whoever is second waits here, and finds what the first has left: also on another label, for the order of all of them.
  await sql`select pg_advisory_xact_lock(hashtextextended('sluice.labels', 0))`.execute(transaction);
  const before = await labelSettings(transaction, label);
  const after = changed(before, change);
  const details = {
    ...(before.onDirectMove !== after.onDirectMove && { onDirectMove: after.onDirectMove }),
    ...((before.from !== after.from || before.liveForMs !== after.liveForMs) && {
      from: after.from,
      liveForMs: after.liveForMs,
    }),
  };
  const isProtectedOtherwise = before.protected !== after.protected;
  if (!isProtectedOtherwise && Object.keys(details).length === 0) return { label, ...after, changed: false };
  await refuseCircle(transaction, label, after.from);
  const columns = {
    protected: after.protected,
    on_direct_move: after.onDirectMove,
    from_label: after.from,
    live_for_ms: after.liveForMs,
  };
  await transaction
    .insertInto("labels")
    .values({ label, ...columns })
    .onConflict((conflict) =>
      conflict.column("label").doUpdateSet({ ...columns, updated_at: sql<Date>`clock_timestamp()` }),
    )
    .execute();
  await appendAudit(transaction, {
    prompt: "",
    action: !isProtectedOtherwise
      ? "label_changed"
      : after.protected
        ? "label_protected"
        : "label_unprotected",
    scope: { label, prompt: "", model: "", tenant: "" },
    reason,
    assertedActor,
    details,
  });
  return { label, ...after, changed: true };
}

function changed(before: LabelSettings, change: LabelChange): LabelSettings {
  const from = change.from === undefined ? before.from : change.from;
  const liveForMs = change.liveForMs ?? (from === null ? 0 : before.liveForMs);
  if (from === null && liveForMs > 0)
    throw invalidInput(
      `${change.label}: how long a version has to be live says nothing without where: name the label before it (--from)`,
      { label: change.label },
    );
  return {
    protected: change.protected ?? before.protected,
    onDirectMove: change.onDirectMove ?? before.onDirectMove,
    from,
    liveForMs,
  };
}

/** A version would have to be live at each of them before the others. */
async function refuseCircle(transaction: Transaction, label: string, from: string | null): Promise<void> {
  const way = [label];
  for (let at = from; at !== null; at = (await labelSettings(transaction, at)).from) {
    way.push(at);
    if (at === label)
      throw invalidInput(
        `${label} cannot come after itself (${way.join(" after ")}): no version could go live at any of them`,
        { label },
      );
  }
}

import { sql } from "kysely";
import { type LabelSettings, type ListedLabel, USUAL_LABEL } from "../../domain/shapes/labels.ts";
import type { LabelOrder } from "../../domain/sync/last-wait.ts";
import type { Database } from "../database.ts";

/** Labels that serve something or that somebody has said something about, by name. */
export async function listLabels(db: Database): Promise<ListedLabel[]> {
  const { rows } = await sql<ListedLabel>`
    select label, coalesce(l.protected, false) as protected,
      coalesce(l.on_direct_move, 'rollout') as "onDirectMove", l.from_label as "from",
      coalesce(l.live_for_ms, 0) as "liveForMs", coalesce(p.scopes, 0) as scopes
    from sluice.labels l
    full join (select label, count(*) as scopes from sluice.pointers group by label) p using (label)
    order by label collate "C"`.execute(db);
  return rows;
}

/** The labels that take only what is live at another one. */
export function labelOrders(db: Database): Promise<LabelOrder[]> {
  return db
    .selectFrom("labels")
    .select(["label", "from_label as from", "live_for_ms as liveForMs"])
    .where("from_label", "is not", null)
    .execute();
}

/** Of a label that nobody has said anything about: not protected. */
export async function labelSettings(db: Database, label: string): Promise<LabelSettings> {
  const row = await db
    .selectFrom("labels")
    .select(["protected", "on_direct_move as onDirectMove", "from_label as from", "live_for_ms as liveForMs"])
    .where("label", "=", label)
    .executeTakeFirst();
  return row ?? USUAL_LABEL;
}

export async function isLabelProtected(db: Database, label: string): Promise<boolean> {
  return (await labelSettings(db, label)).protected;
}

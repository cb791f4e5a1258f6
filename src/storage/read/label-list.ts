import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { ListedLabel } from "../../domain/shapes/labels.ts";

/** Labels that serve something or that somebody has said something about, by name. */
export async function listLabels(db: Database): Promise<ListedLabel[]> {
  const { rows } = await sql<ListedLabel>`
    select label, coalesce(l.protected, false) as protected, coalesce(p.scopes, 0) as scopes
    from sluice.labels l
    full join (select label, count(*) as scopes from sluice.pointers group by label) p using (label)
    order by label collate "C"`.execute(db);
  return rows;
}

export async function isLabelProtected(db: Database, label: string): Promise<boolean> {
  const row = await db.selectFrom("labels").select("protected").where("label", "=", label).executeTakeFirst();
  return row?.protected ?? false;
}

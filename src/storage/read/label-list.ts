import { sql } from "kysely";
import type { Database } from "../database.ts";

export interface ListedLabel {
  readonly label: string;
  /** Versions come to it by a releaser alone, or by a rollout that a releaser has approved. */
  readonly protected: boolean;
  /** How many scopes have a pointer under it. */
  readonly scopes: number;
}

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

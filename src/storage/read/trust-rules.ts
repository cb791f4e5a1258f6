import type { ListedTrustRule } from "../../domain/shapes/trust-rules.ts";
import type { Database } from "../database.ts";

/** Which CI jobs are trusted with what, by the rule's name. */
export async function listTrustRules(db: Database): Promise<ListedTrustRule[]> {
  const rows = await db.selectFrom("trust_rules").selectAll().orderBy("name").execute();
  return rows.map(({ created_by: createdBy, created_at: createdAt, ...rule }) => ({
    ...rule,
    match: { ...rule.match },
    createdBy,
    createdAt: createdAt.toISOString(),
  }));
}

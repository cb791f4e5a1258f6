import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";

/** The prompt of each of these versions that there is. */
export async function promptsOfVersions(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom("versions").select(["id", "prompt"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, prompt }) => [id, prompt]));
}

/** The scope of each of these rollouts that there is. */
export async function scopesOfRollouts(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ScopeColumns>> {
  const rows = await db
    .selectFrom("rollouts")
    .select(["id", "label", "prompt", "model", "tenant"])
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map(({ id, ...scope }) => [id, scope]));
}

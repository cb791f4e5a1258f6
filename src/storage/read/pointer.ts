import type { Selectable } from "kysely";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import type { Tables } from "../tables.ts";
import { inheritedVersion } from "./inherited-version.ts";

export async function findPointer(
  db: Database,
  scope: ScopeColumns,
): Promise<Selectable<Tables["pointers"]> | undefined> {
  return db
    .selectFrom("pointers")
    .selectAll()
    .where((where) => where.and({ ...scope }))
    .executeTakeFirst();
}

/** The epoch of the pointer that names a rollout; undefined when none does any more. */
export async function epochOfRollout(db: Database, rolloutId: string): Promise<number | undefined> {
  const pointer = await db
    .selectFrom("pointers")
    .select("epoch")
    .where("rollout_id", "=", rolloutId)
    .executeTakeFirst();
  return pointer?.epoch;
}

/** The version id that a scope serves, its own or inherited; null: nothing. */
export async function servedVersion(db: Database, scope: ScopeColumns): Promise<string | null> {
  const pointer = await findPointer(db, scope);
  return pointer?.active_version ?? (await inheritedVersion(db, scope));
}

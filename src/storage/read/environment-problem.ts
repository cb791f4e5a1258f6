import { sql } from "kysely";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";

/** Why a version may not be made live in a scope yet: its environment takes only what was live in another one before. */
export function environmentProblem(
  db: Database,
  scope: ScopeColumns,
  versionId: string,
): Promise<string | null> {
  return ask(
    db,
    sql`sluice.environment_problem(${scope.label}, ${scope.prompt}, ${scope.model}, ${scope.tenant}, ${versionId}::uuid, clock_timestamp())`,
  );
}

/** The same at the end of a rollout: what could go there when it began still may, unless it was taken back before. */
export function promotionProblem(
  db: Database,
  scope: ScopeColumns,
  versionId: string,
  rolloutId: string,
): Promise<string | null> {
  return ask(
    db,
    sql`sluice.promotion_problem(${scope.label}, ${scope.prompt}, ${scope.model}, ${scope.tenant}, ${versionId}::uuid, ${rolloutId}::uuid)`,
  );
}

/** Why a version is not to be made live by hand or by a rollout: Git owns its prompt, and says something else. */
export function versionOwnerProblem(db: Database, versionId: string): Promise<string | null> {
  return ask(
    db,
    sql`(select sluice.owner_problem(v.prompt, v.sha256) from sluice.versions v where v.id = ${versionId}::uuid)`,
  );
}

/** Why content is not to be saved as a version: the same. */
export function ownerProblem(db: Database, prompt: string, sha256: string): Promise<string | null> {
  return ask(db, sql`sluice.owner_problem(${prompt}, ${sha256})`);
}

async function ask(db: Database, question: ReturnType<typeof sql>): Promise<string | null> {
  const { rows } = await sql<{ problem: string | null }>`select ${question} as problem`.execute(db);
  return rows[0]?.problem ?? null;
}

import { sql } from "kysely";
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

/** The ids of these versions that there are, by `NAME@N`. */
export async function idsOfVersions(
  db: Database,
  versions: readonly { readonly prompt: string; readonly number: number }[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("versions")
    .select(["id", "prompt", "number"])
    .where((eb) =>
      eb(
        eb.refTuple("prompt", "number"),
        "in",
        versions.map(({ prompt, number }) => eb.tuple(prompt, number)),
      ),
    )
    .execute();
  return new Map(rows.map(({ id, prompt, number }) => [`${prompt}@${number}`, id]));
}

/** A rollout, and what each of its arms is served. */
export interface RolloutArms {
  readonly id: string;
  readonly scope: ScopeColumns;
  readonly candidateVersion: string;
  readonly baselineVersion: string | null;
}

/** Of each prompt the rollout whose id begins so, by `PROMPT BEGINNING`; of several the one that is on, or the newest. */
export async function rolloutsBeginning(
  db: Database,
  named: readonly { readonly prompt: string; readonly beginning: string }[],
): Promise<ReadonlyMap<string, RolloutArms>> {
  const beginning = sql<string>`left(id::text, 8)`;
  const rows = await db
    .selectFrom("rollouts")
    .select(["id", "label", "prompt", "model", "tenant", "candidate_version", "baseline_version"])
    .select(beginning.as("beginning"))
    .where("prompt", "in", [...new Set(named.map(({ prompt }) => prompt))])
    .where(beginning, "in", [...new Set(named.map((one) => one.beginning))])
    .orderBy(sql`outcome is not null`, "desc")
    .orderBy("started_at", "asc")
    .execute();
  return new Map(
    rows.map(({ id, label, prompt, model, tenant, ...row }) => [
      `${prompt} ${row.beginning}`,
      {
        id,
        scope: { label, prompt, model, tenant },
        candidateVersion: row.candidate_version,
        baselineVersion: row.baseline_version,
      },
    ]),
  );
}

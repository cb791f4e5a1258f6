import { type Selectable, sql } from "kysely";
import { type Propagation, type PropagatedDependant, UNDER_WAY } from "../../domain/shapes/propagating.ts";
import type { Database } from "../database.ts";
import type { Tables } from "../tables.ts";
import { versionName } from "./version.ts";

/** A propagation with the version that it is of. */
export type PropagationRow = Selectable<Tables["propagations"]> & {
  readonly prompt: string;
  readonly number: number;
};

export type PropagationStepRow = Selectable<Tables["propagation_steps"]>;

function rows(db: Database) {
  return db
    .selectFrom("propagations")
    .innerJoin("versions", "versions.id", "propagations.version_id")
    .selectAll("propagations")
    .select(["versions.prompt", "versions.number"]);
}

export function findPropagation(db: Database, id: string): Promise<PropagationRow | undefined> {
  return rows(db).where("propagations.id", "=", id).executeTakeFirst();
}

/** Those that have not ended and of which nothing was heard for so long. */
export function quietPropagations(db: Database, forMs: number): Promise<PropagationRow[]> {
  return rows(db)
    .where("ended_at", "is", null)
    .where("updated_at", "<", sql<Date>`clock_timestamp() - ${forMs} * interval '1 millisecond'`)
    .execute();
}

export function propagationSteps(db: Database, id: string): Promise<PropagationStepRow[]> {
  return db
    .selectFrom("propagation_steps")
    .selectAll()
    .where("propagation_id", "=", id)
    .orderBy("position")
    .execute();
}

export function findStep(db: Database, id: string, prompt: string): Promise<PropagationStepRow | undefined> {
  return db
    .selectFrom("propagation_steps")
    .selectAll()
    .where("propagation_id", "=", id)
    .where("prompt", "=", prompt)
    .executeTakeFirst();
}

/** The dependant whose rollout was taken back because the version harms: nothing more is started then. */
export async function harmedDependant(db: Database, id: string): Promise<string | undefined> {
  const found = await db
    .selectFrom("propagation_steps as s")
    .innerJoin("rollouts as r", "r.id", "s.rollout_id")
    .select("s.prompt")
    .where("s.propagation_id", "=", id)
    .where("r.outcome", "=", "rolled_back")
    .orderBy("r.ended_at")
    .limit(1)
    .executeTakeFirst();
  return found?.prompt;
}

/** What earlier gates have left of the money: for all that have not begun, and how many those are. */
export async function moneyLeft(
  db: Database,
  id: string,
): Promise<{ readonly leftUsd: number | null; readonly waiting: number }> {
  const { rows: found } = await sql<{ readonly left: number | null; readonly waiting: number }>`
    select (p.max_cost_usd - coalesce(sum(coalesce(e.cost_usd, s.max_cost_usd, 0)), 0))::float8 as left,
      count(*) filter (where s.state = 'waiting' and s.max_cost_usd is null)::integer as waiting
    from sluice.propagations p left join sluice.propagation_steps s on s.propagation_id = p.id
      left join sluice.evaluations e on e.id = s.evaluation_id or e.rollout_id = s.rollout_id
    where p.id = ${id} group by p.id`.execute(db);
  const [first] = found;
  return { leftUsd: first?.left ?? null, waiting: first?.waiting ?? 0 };
}

/** A propagation with all that has become of it so far. */
export async function showPropagation(db: Database, id: string): Promise<Propagation | undefined> {
  const row = await findPropagation(db, id);
  if (!row) return undefined;
  const version = versionName(row);
  const { rows: steps } = await sql<
    Omit<PropagatedDependant, "patch"> & Record<"repository" | "path" | "included", string | null>
  >`
    select s.prompt, s.level, f.prompt || '@' || f.number as from, v.prompt || '@' || v.number as version,
      s.state, s.reason, s.evaluation_id as "evaluationId", s.rollout_id as "rolloutId", m.repository, m.path,
      (select i.prompt || '@' || i.number from jsonb_to_recordset(f.artifact -> 'includes') as i (prompt text, number integer)
       where i.prompt = ${row.prompt} limit 1) as included
    from sluice.propagation_steps s join sluice.versions f on f.id = s.from_version
      left join sluice.versions v on v.id = s.version_id
      left join sluice.manifest_prompts m on m.prompt = s.prompt and s.state = 'in_git'
    where s.propagation_id = ${id} order by s.position`.execute(db);
  return {
    propagationId: row.id,
    version,
    label: row.label || null,
    rollout: row.rollout,
    maxCostUsd: row.max_cost_usd === null ? null : Number(row.max_cost_usd),
    startedBy: row.asserted_by ?? row.started_by,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    reason: row.reason,
    dependants: steps.map(({ repository, path, included, ...step }) => ({
      ...step,
      patch:
        repository !== null && path !== null && included !== null
          ? { repository, path, from: included, to: version }
          : null,
    })),
  };
}

/** Whether something of it can still change. */
export function isUnderWay({ state }: Pick<PropagationStepRow, "state">): boolean {
  return UNDER_WAY.has(state);
}

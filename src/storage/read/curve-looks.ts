import { sql } from "kysely";
import type { Assessment } from "../../domain/rollout/verdict.ts";
import type { Database } from "../database.ts";

/** A look as a picture is made of it. */
export interface CurveLook {
  readonly tick: number;
  readonly at: Date;
  /** 0-based. */
  readonly stage: number;
  readonly verdict: string;
  readonly evidence: Assessment["evidence"];
  readonly inputs: unknown;
  readonly codeVersion: string;
}

/** The first and the last look after one; undefined where there is none. Two reads of the key. */
export async function looksBetween(
  db: Database,
  rolloutId: string,
  after: number,
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  const { rows } = await sql<{ first: number | null; last: number | null }>`
    select min(tick) as first, max(tick) as last from sluice.assessments
    where rollout_id = ${rolloutId} and tick > ${after}`.execute(db);
  const [{ first, last } = { first: null, last: null }] = rows;
  return first === null || last === null ? undefined : { first, last };
}

/** The same as long as a rollout's curve is: its newest look, and how much was done about it. */
export async function curveTag(db: Database, rolloutId: string): Promise<string> {
  const { rows } = await sql<{ tag: string }>`
    select concat_ws('.',
      (select max(tick) from sluice.assessments where rollout_id = ${rolloutId}),
      (select count(*) from sluice.audit where rollout_id = ${rolloutId})) as tag`.execute(db);
  return rows[0]!.tag;
}

/** For each number the look that was the newest then, each look once: by the key, however many there are in all. */
export async function looksAt(
  db: Database,
  rolloutId: string,
  ticks: readonly number[],
): Promise<CurveLook[]> {
  const { rows } = await sql<CurveLook>`
    select distinct on (a.tick) a.tick, a.at, a.stage, a.verdict, a.assessment -> 'evidence' as evidence, a.inputs,
      a.code_version as "codeVersion"
    from unnest(${ticks}::integer[]) wanted (tick)
    cross join lateral (
      select * from sluice.assessments a
      where a.rollout_id = ${rolloutId} and a.tick <= wanted.tick order by a.tick desc limit 1) a
    order by a.tick`.execute(db);
  return rows;
}

/** What one look says, without what it was decided from. */
export interface LookSays {
  readonly tick: number;
  readonly at: Date;
  readonly verdict: string;
  readonly evidence: Assessment["evidence"];
}

/** For each number the look that was the newest then; undefined where there was none. One read. */
export async function saysAt(
  db: Database,
  rolloutId: string,
  ticks: readonly number[],
): Promise<(LookSays | undefined)[]> {
  if (ticks.length === 0) return [];
  const { rows } = await sql<LookSays & { wanted: number }>`
    select wanted.tick as wanted, a.tick, a.at, a.verdict, a.assessment -> 'evidence' as evidence
    from unnest(${ticks}::integer[]) wanted (tick)
    cross join lateral (
      select * from sluice.assessments a
      where a.rollout_id = ${rolloutId} and a.tick <= wanted.tick order by a.tick desc limit 1) a`.execute(
    db,
  );
  const found = new Map(rows.map((row) => [row.wanted, row]));
  return ticks.map((tick) => found.get(tick));
}

/** When the look was that was the newest at a number. */
export async function momentAt(
  db: Database,
  rolloutId: string,
  tick: number,
): Promise<Pick<CurveLook, "tick" | "at"> | undefined> {
  const { rows } = await sql<Pick<CurveLook, "tick" | "at">>`
    select tick, at from sluice.assessments
    where rollout_id = ${rolloutId} and tick <= ${tick} order by tick desc limit 1`.execute(db);
  return rows[0];
}

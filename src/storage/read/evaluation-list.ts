import { type RawBuilder, sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { GatePolicy } from "../../domain/policy/policy.ts";
import type { CaseResult } from "../../evaluation/grading/case-result.ts";
import type { ListedEvaluation, ShownEvaluation } from "../../evaluation/verdict/kept-evaluation.ts";
import type { Database } from "../database.ts";
import { testsReading } from "./tests-reading.ts";
import { promptSeenBy, seenBy } from "./seen-by.ts";

interface EvaluationFilter {
  /** What a key may know of. */
  readonly seen: Grants;
  readonly prompt?: string | undefined;
  readonly limit: number;
  /** The last one of the page before. */
  readonly before?: string | undefined;
}

/** The newest first. */
export async function listEvaluations(db: Database, filter: EvaluationFilter): Promise<ListedEvaluation[]> {
  const { prompt, limit, before } = filter;
  const { rows } = await sql<Row>`
    ${select(filter.seen)}
      ${prompt === undefined ? sql`` : sql`and v.prompt = ${prompt}`}
      ${before === undefined ? sql`` : sql`and (e.started_at, e.id) < (select started_at, id from sluice.evaluations where id = ${before})`}
    order by e.started_at desc, e.id desc limit ${limit}`.execute(db);
  return rows.map(listed);
}

/** One of them with how far it is; undefined where there is none that a key with these grants may know of. */
export async function shownEvaluation(
  db: Database,
  id: string,
  seen: Grants = {},
): Promise<ShownEvaluation | undefined> {
  const { rows } = await sql<ShownRow>`
    ${select(
      seen,
      sql`, e.report, e.gate,
        (select count(*) from sluice.evaluation_results r where r.evaluation_id = e.id) as recorded,
        (select count(*) from sluice.evaluation_results r where r.evaluation_id = e.id and r.grade = 'error') as errors`,
    )} and e.id = ${id}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { report, gate, recorded, errors } = row;
  const tests = { ...testsReading(report, row.verdict, gate ?? NO_GATE), answers: Number(recorded) };
  return { ...listed(row), recorded, errors, report, tests };
}

/** The prompt that is evaluated; undefined where there is no such evaluation. */
export async function promptOfEvaluation(db: Database, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ prompt: string }>`
    select v.prompt from sluice.evaluations e join sluice.versions v on v.id = e.candidate_version
    where e.id = ${id}`.execute(db);
  return rows[0]?.prompt;
}

/** Where a page of results ends. */
export type ResultPlace = Pick<CaseResult, "arm" | "caseIndex" | "repeat">;

/** Results by case, repeat and version, so many from behind a place; all of them without a limit. */
export async function pageOfResults(
  db: Database,
  evaluationId: string,
  { after, limit }: { readonly after?: ResultPlace | undefined; readonly limit?: number } = {},
): Promise<CaseResult[]> {
  let query = db.selectFrom("evaluation_results").select("result").where("evaluation_id", "=", evaluationId);
  if (after)
    query = query.where(
      sql<boolean>`(case_index, repeat, arm) > (${after.caseIndex}::integer, ${after.repeat}::integer, ${after.arm}::text)`,
    );
  query = query.orderBy("case_index").orderBy("repeat").orderBy("arm");
  const rows = await (limit === undefined ? query : query.limit(limit)).execute();
  return rows.map(({ result }) => result);
}

interface Row {
  readonly id: string;
  readonly rollout_id: string | null;
  readonly prompt: string;
  readonly number: number;
  readonly baseline: string | null;
  readonly verdict: ListedEvaluation["verdict"];
  readonly reason: string | null;
  readonly cost_usd: string | null;
  readonly max_cost_usd: number | null;
  readonly started_at: Date;
  readonly ended_at: Date | null;
}

/** Of an evaluation that has kept none: nothing is asked of it. */
const NO_GATE = { min_pass_rate: 0, max_regression: 1 };

interface ShownRow extends Row {
  readonly report: ShownEvaluation["report"];
  readonly gate: GatePolicy | null;
  readonly recorded: number;
  readonly errors: number;
}

/** What a rollout's gate has found is that of its scope. */
function select(seen: Grants, more: RawBuilder<unknown> = sql``): RawBuilder<Row> {
  return sql`
    select e.id, e.rollout_id, v.prompt, v.number, b.prompt || '@' || b.number as baseline, e.verdict, e.reason,
      e.cost_usd, (e.gate ->> 'max_cost_usd')::double precision as max_cost_usd, e.started_at, e.ended_at ${more}
    from sluice.evaluations e join sluice.versions v on v.id = e.candidate_version
    left join sluice.versions b on b.id = e.baseline_version
    left join sluice.rollouts o on o.id = e.rollout_id
    where ${promptSeenBy(seen, "v.prompt")} and (o.id is null or ${seenBy(seen, "o")})`;
}

function listed(row: Row): ListedEvaluation {
  return {
    evaluationId: row.id,
    prompt: row.prompt,
    candidate: `${row.prompt}@${row.number}`,
    baseline: row.baseline,
    rolloutId: row.rollout_id,
    state: row.verdict !== null ? "ended" : row.ended_at === null ? "running" : "failed",
    verdict: row.verdict,
    reason: row.reason,
    costUsd: row.cost_usd === null ? null : Number(row.cost_usd),
    maxCostUsd: row.max_cost_usd,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

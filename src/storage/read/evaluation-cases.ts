import { sql } from "kysely";
import type { CaseResult } from "../../evaluation/grading/case-result.ts";
import type { CaseKind } from "../../domain/shapes/case-kinds.ts";
import type { EvaluatedCase } from "../../evaluation/verdict/evaluated-cases.ts";
import type { Database } from "../database.ts";

export interface CasesPage {
  readonly show: CaseKind;
  readonly sought?: SoughtCases | undefined;
  readonly limit: number;
  /** The last case of the page before, with how much worse it was. */
  readonly after?: { readonly loss: number; readonly caseIndex: number } | undefined;
}

/** Cases with a text, in lower case, in their description or an answer; and those of these numbers. */
export interface SoughtCases {
  readonly text: string;
  readonly cases: readonly number[];
}

/** Of a case that one version has no result of: neither worse nor better. */
export const UNKNOWN_LOSS = -2;

/** Cases with the results of both versions, those that got worse most first; and how many there are of each kind. */
export async function pageOfCases(
  db: Database,
  evaluationId: string,
  { show, sought, limit, after }: CasesPage,
): Promise<{ readonly cases: EvaluatedCase[]; readonly counts: Readonly<Record<CaseKind, number>> }> {
  const paired = sql`
    select *, coalesce(round((baseline_rate - candidate_rate)::numeric, 6), ${UNKNOWN_LOSS})::float8 as loss from (
      select case_index,
        avg((grade = 'pass')::integer) filter (where arm = 'candidate' and grade <> 'error') as candidate_rate,
        avg((grade = 'pass')::integer) filter (where arm = 'baseline' and grade <> 'error') as baseline_rate,
        count(*) filter (where arm = 'candidate' and grade = 'pass') as passed,
        count(*) filter (where arm = 'candidate' and grade = 'fail') as failed,
        count(*) filter (where grade = 'error' and arm in ('candidate', 'baseline')) as errors
      from sluice.evaluation_results where evaluation_id = ${evaluationId} group by case_index
      ${sought === undefined ? sql`` : holding(sought)}
    ) one_case`;
  const kinds: Readonly<Record<CaseKind, ReturnType<typeof sql<boolean>>>> = {
    worse: sql<boolean>`loss > 0`,
    better: sql<boolean>`loss < 0 and loss > ${UNKNOWN_LOSS}`,
    failed: sql<boolean>`failed > 0`,
    errors: sql<boolean>`errors > 0`,
    flaky: sql<boolean>`passed > 0 and failed > 0`,
    all: sql<boolean>`true`,
  };
  const { rows: found } = await sql<{ case_index: number; loss: number }>`
    select case_index, loss from (${paired}) paired
    where ${kinds[show]}
      ${after === undefined ? sql`` : sql`and (-loss, case_index) > (${-after.loss}::float8, ${after.caseIndex}::integer)`}
    order by -loss, case_index limit ${limit}`.execute(db);
  const { rows: counted } = await sql<Record<CaseKind, number>>`
    select ${sql.join(
      Object.entries(kinds).map(
        ([kind, holds]) => sql`(count(*) filter (where ${holds}))::integer as ${sql.ref(kind)}`,
      ),
    )} from (${paired}) paired`.execute(db);
  const results = await resultsOf(
    db,
    evaluationId,
    found.map(({ case_index }) => case_index),
  );
  return {
    counts: counted[0]!,
    cases: found.map(({ case_index: caseIndex, loss }) => {
      const own = results.filter((result) => result.caseIndex === caseIndex);
      const arm = (name: CaseResult["arm"]) => own.filter((result) => result.arm === name);
      return {
        caseIndex,
        description: own.find(({ description }) => description !== undefined)?.description ?? null,
        loss: loss === UNKNOWN_LOSS ? null : loss,
        candidate: arm("candidate"),
        baseline: arm("baseline"),
      };
    }),
  };
}

function holding({ text, cases }: SoughtCases) {
  const isIn = (part: string) => sql`position(${text} in lower(coalesce(result ->> ${part}, ''))) > 0`;
  return sql`having case_index = any (${[...cases]}::integer[])
    or bool_or(${isIn("description")}) or bool_or(${isIn("output")})`;
}

async function resultsOf(
  db: Database,
  evaluationId: string,
  cases: readonly number[],
): Promise<CaseResult[]> {
  if (cases.length === 0) return [];
  const rows = await db
    .selectFrom("evaluation_results")
    .select("result")
    .where("evaluation_id", "=", evaluationId)
    .where("case_index", "in", [...cases])
    .orderBy("repeat")
    .execute();
  return rows.map(({ result }) => result);
}

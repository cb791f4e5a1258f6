import type { CaseShares } from "../domain/monitors/regate.ts";
import { grouped } from "../domain/text/counted.ts";
import { sharesOf } from "../evaluation/verdict/compare-with-reference.ts";
import type { Database } from "../storage/database.ts";
import { findEvaluation, recordedResults } from "../storage/read/evaluation.ts";

/** Of what was asked, so much must have an answer: what is missing may be missing for what it says. */
const LEAST_ANSWERED = 0.95;

export interface Asked {
  readonly evaluationId: string;
  /** Cases, lists expanded, and how often each was asked. */
  readonly cases: number;
  readonly repeats: number;
  /** Which evaluation it is, said after "answers came": ` of the reference`. */
  readonly what?: string;
}

/** How often each case of an evaluation of one version passed, or why what came back is too little to be compared. */
export async function readAnswered(
  db: Database,
  { evaluationId, cases, repeats, what = "" }: Asked,
): Promise<CaseShares | string> {
  const results = (await recordedResults(db, evaluationId)).filter(({ arm }) => arm === "candidate");
  const asked = cases * repeats;
  const answered = results.filter(({ error }) => error === null).length;
  if (cases > 0 && answered >= LEAST_ANSWERED * asked) return sharesOf(cases, results);
  const reason = (await findEvaluation(db, evaluationId))?.reason ?? "the evaluation has no end";
  return `${grouped(answered)} of ${grouped(asked)} answers came${what}: ${reason}`;
}

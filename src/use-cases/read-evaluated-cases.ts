import { SluiceError } from "../domain/errors.ts";
import type { Grants } from "../domain/access/grants.ts";
import type { CaseKind } from "../domain/shapes/case-kinds.ts";
import type { Dataset, TestCase } from "../evaluation/dataset/dataset.ts";
import { createArm } from "../evaluation/running/arm.ts";
import { bindCases } from "../evaluation/running/binding/bind-cases.ts";
import { countRuns } from "../evaluation/running/case-runs.ts";
import type { AskedCase } from "../evaluation/verdict/evaluated-cases.ts";
import type { ShownEvaluation } from "../evaluation/verdict/kept-evaluation.ts";
import type { Database } from "../storage/database.ts";
import { findDocument } from "../storage/read/document.ts";
import { type CasesPage, pageOfCases } from "../storage/read/evaluation-cases.ts";
import { shownEvaluation } from "../storage/read/evaluation-list.ts";
import { findEvaluation } from "../storage/read/evaluation.ts";
import { findVersionById } from "../storage/read/version.ts";

/** An evaluation, with how many case runs it takes: what its progress is a part of. */
export async function showEvaluation(
  db: Database,
  id: string,
  seen: Grants,
): Promise<(ShownEvaluation & { readonly runs: number | null }) | undefined> {
  const found = await shownEvaluation(db, id, seen);
  if (!found) return undefined;
  const asked = await askedCases(db, id);
  return { ...found, runs: asked && asked.runs };
}

export interface CasesWanted extends Omit<CasesPage, "sought"> {
  /** In the description, a value or an answer, in any case. */
  readonly text?: string | undefined;
}

/** A page of its cases, with the values that they were asked with. */
export async function readEvaluatedCases(
  db: Database,
  id: string,
  { text, ...page }: CasesWanted,
): Promise<{ readonly cases: AskedCase[]; readonly counts: Readonly<Record<CaseKind, number>> }> {
  const asked = await askedCases(db, id);
  const sought = text && {
    text: text.toLowerCase(),
    cases: casesWith(text.toLowerCase(), asked?.cases ?? []),
  };
  const { cases, counts } = await pageOfCases(db, id, { ...page, ...(sought && { sought }) });
  const varsOf = (index: number) => asked?.cases[index]?.vars ?? null;
  return { counts, cases: cases.map((one) => ({ ...one, vars: varsOf(one.caseIndex) })) };
}

/** The numbers of those with a text in one of their values. */
function casesWith(text: string, cases: readonly TestCase[]): number[] {
  return cases.flatMap(({ vars }, index) =>
    Object.values(vars).some((value) =>
      (typeof value === "string" ? value : JSON.stringify(value)).toLowerCase().includes(text),
    )
      ? [index]
      : [],
  );
}

interface AskedCases {
  readonly cases: readonly TestCase[];
  readonly runs: number;
}

/** The cases as they were numbered when they were asked; null where what they come from is not kept. */
async function askedCases(db: Database, id: string): Promise<AskedCases | null> {
  const row = await findEvaluation(db, id);
  const dataset = row && (await findDocument(db, row.dataset_sha256));
  const candidate = row && (await findVersionById(db, row.candidate_version));
  if (!dataset || !candidate || !Array.isArray((dataset.body as Partial<Dataset>).cases)) return null;
  const baseline =
    row.baseline_version === null ? undefined : await findVersionById(db, row.baseline_version);
  const arms = [createArm("candidate", candidate.artifact)];
  if (baseline) arms.push(createArm("baseline", baseline.artifact));
  try {
    const cases = bindCases(dataset.body as Dataset, arms);
    const asked = { dataset: dataset.body as Dataset, cases, gate: row.gate ?? {} };
    return { cases, runs: countRuns(candidate.artifact, arms.length, asked) };
  } catch (error) {
    // Cases that are no good any more were asked all the same: what they came to is told without their values.
    if (error instanceof SluiceError) return null;
    throw error;
  }
}

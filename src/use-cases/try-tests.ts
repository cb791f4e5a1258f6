import type { Artifact } from "../domain/prompt/artifact.ts";
import { invalidInput } from "../domain/errors.ts";
import type { GatePolicy } from "../domain/policy/policy.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import { SAMPLE_CASES, type TestedText } from "../domain/shapes/playground.ts";
import type { Dataset, TestCase } from "../evaluation/dataset/dataset.ts";
import { sampleCases } from "../evaluation/dataset/sample-cases.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { createArm } from "../evaluation/running/arm.ts";
import { bindCases } from "../evaluation/running/binding/bind-cases.ts";
import { countRuns } from "../evaluation/running/case-runs.ts";
import type { EvaluationReport } from "../evaluation/verdict/report.ts";
import type { Budget } from "../providers/budget.ts";
import type { Database } from "../storage/database.ts";
import { findDocument } from "../storage/read/document.ts";
import { isReadByLangfuse } from "../storage/read/langfuse-reads.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { testsReading } from "../storage/read/tests-reading.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";
import { ownPolicy } from "./load-policy-document.ts";
import type { Models } from "./try-prompt.ts";

/** Answers under way at once: a person waits for them, and so do others. */
const AT_ONCE = 4;

/** A text with what it is tested by, and beside. */
export interface ReadyToTest {
  readonly artifact: Artifact;
  readonly baseline: { readonly name: string; readonly artifact: Artifact } | undefined;
  readonly gate: GatePolicy;
  readonly dataset: Dataset;
  readonly cases: readonly TestCase[];
  readonly answers: number;
  readonly forLangfuse: boolean;
}

/**
 * The cases of the prompt's own policy, all of them as often as its gate says or a sample once, with what the scope
 * serves to compare with. A prompt without such cases is `invalid_input`.
 */
export async function readyToTest(
  db: Database,
  artifact: Artifact,
  { scope, whole }: { readonly scope: ScopeColumns; readonly whole: boolean },
): Promise<ReadyToTest> {
  const { prompt } = scope;
  const gate = (await ownPolicy(db, prompt))?.gate;
  const found = gate?.dataset_sha256 === undefined ? undefined : await findDocument(db, gate.dataset_sha256);
  if (!gate || !found)
    throw invalidInput(
      `${prompt} has no test cases: push it with a policy whose gate names a dataset (policy: in its file)`,
      { prompt },
    );
  const served = await servedVersion(db, scope);
  const live = served === null ? undefined : await findVersionById(db, served);
  const all = found.body as Dataset;
  const dataset = whole ? all : sampleCases(all, SAMPLE_CASES);
  const asked = whole ? gate : { ...gate, repeats: 1, fallbacks: false };
  const arms = [createArm("candidate", artifact)];
  if (live) arms.push(createArm("baseline", live.artifact));
  const cases = bindCases(dataset, arms);
  return {
    artifact,
    baseline: live && { name: versionName(live), artifact: live.artifact },
    gate: asked,
    dataset,
    cases,
    answers: countRuns(artifact, arms.length, { dataset, cases, gate: asked }),
    forLangfuse: await isReadByLangfuse(db, prompt),
  };
}

/** Asks a text its cases, and the served version the same. Nothing of it is kept, and it vouches for nothing. */
export async function tryTests(
  { artifact, baseline, gate, dataset, cases, answers, forLangfuse }: ReadyToTest,
  {
    models,
    budget,
    signal,
    onProgress,
  }: {
    readonly models: Models;
    readonly budget: Budget;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number) => void;
  },
): Promise<TestedText> {
  const report = await evaluate({
    candidate: artifact,
    baseline: baseline?.artifact,
    dataset,
    gate,
    forLangfuse,
    providers: models,
    budget,
    signal,
    concurrency: AT_ONCE,
    onOutage: "report",
    onProgress: ({ done }) => onProgress(done),
  });
  return {
    baseline: baseline?.name ?? null,
    // What a gate would do of it is no matter here.
    tests: { ...testsReading(report, report.verdict, gate), looks: null, answers },
    costUsd: report.costUsd,
    cases: pairedCases(cases, report),
    warnings: report.warnings,
  };
}

/** Those that got worse most first. */
function pairedCases(cases: readonly TestCase[], { results }: EvaluationReport): TestedText["cases"] {
  const rate = (of: EvaluationReport["results"]) => {
    const known = of.filter(({ error }) => error === null);
    return known.length === 0 ? undefined : known.filter(({ pass }) => pass).length / known.length;
  };
  return cases
    .map((testCase, caseIndex) => {
      const own = results.filter((result) => result.caseIndex === caseIndex);
      const candidate = own.filter(({ arm }) => arm === "candidate");
      const baseline = own.filter(({ arm }) => arm === "baseline");
      const [now, before] = [rate(candidate), rate(baseline)];
      const loss = now === undefined || before === undefined ? null : before - now;
      const { description = null, vars } = testCase;
      return { caseIndex, description, vars, loss, candidate, baseline };
    })
    .toSorted((one, other) => (other.loss ?? -2) - (one.loss ?? -2) || one.caseIndex - other.caseIndex);
}

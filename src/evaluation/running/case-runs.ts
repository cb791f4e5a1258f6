import type { Artifact } from "../../domain/prompt/artifact.ts";
import { modelChain } from "../../domain/prompt/model-chain.ts";
import { isComparative } from "../dataset/comparative-case.ts";
import type { Dataset, TestCase } from "../dataset/dataset.ts";
import { sampleCases } from "../dataset/sample-cases.ts";
import { type Arm, createArm } from "./arm.ts";
import type { EvaluationPolicy } from "./evaluation-policy.ts";
import type { CaseRun } from "./run-case.ts";

/** A model that is asked where the candidate's own gives no answer, and which of the cases it is tested by. */
export interface AskedFallback {
  readonly arm: Arm;
  /** Ascending. */
  readonly cases: readonly number[];
}

/** Of the cases those that a fallback is asked, and the fewest. */
const SHARE = 0.2;
const FEWEST = 5;

/**
 * The fallbacks of a candidate, each with a part of the cases that stands for all of them: users get their answers as
 * well. None where the gate says so, and no case that asks a model of its own, or compares versions.
 */
export function askedFallbacks(
  candidate: Artifact,
  { dataset, cases, gate }: CasesOfGate,
): readonly AskedFallback[] {
  if (gate.fallbacks === false || !candidate.fallbacks) return [];
  const eligible = cases.filter(
    (one) => !one.ownModel && one.givenAnswer === undefined && !isComparative(one),
  );
  const size = Math.max(FEWEST, Math.ceil(eligible.length * SHARE));
  const chosen = new Set(sampleCases({ ...dataset, cases: eligible }, size).cases);
  const asked = cases.flatMap((one, index) => (chosen.has(one) ? [index] : []));
  if (asked.length === 0) return [];
  return modelChain(candidate)
    .slice(1)
    .map((artifact, at) => ({ arm: createArm(`fallback-${at + 1}`, artifact), cases: asked }));
}

/** Every run of every case, in an order that depends on nothing else. */
export function caseRuns(
  arms: readonly Arm[],
  fallbacks: readonly AskedFallback[],
  cases: readonly TestCase[],
  repeats: number,
): CaseRun[] {
  const runs: CaseRun[] = [];
  // Both versions of a case stand next to each other, so that what is done at any time can be compared.
  for (let repeat = 0; repeat < repeats; repeat += 1)
    cases.forEach((testCase, caseIndex) => {
      for (const arm of arms) runs.push({ arm, testCase, caseIndex, repeat });
    });
  for (const { arm, cases: asked } of fallbacks)
    for (let repeat = 0; repeat < repeats; repeat += 1)
      for (const caseIndex of asked) runs.push({ arm, testCase: cases[caseIndex]!, caseIndex, repeat });
  return runs;
}

export interface CasesOfGate {
  readonly dataset: Dataset;
  /** Lists expanded. */
  readonly cases: readonly TestCase[];
  readonly gate: Partial<Pick<EvaluationPolicy, "repeats" | "fallbacks">>;
}

/** How many answers an evaluation takes at most. */
export function countRuns(candidate: Artifact, versions: number, asked: CasesOfGate): number {
  const ofFallbacks = askedFallbacks(candidate, asked).reduce((sum, { cases }) => sum + cases.length, 0);
  return (asked.cases.length * versions + ofFallbacks) * (asked.gate.repeats ?? 1);
}

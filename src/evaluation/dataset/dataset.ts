import { digestJson } from "../../digest.ts";
import type { Assertion } from "../grading/assertions/assertion.ts";
import type { Script } from "../sandbox/run-script.ts";

/** One question with the checks that its answer has to pass. */
export interface TestCase {
  readonly description?: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly assert: readonly Assertion[];
  /** Least weighted score with which the case passes; without it every assertion has to. */
  readonly threshold?: number;
  /** JavaScript that turns the answer into what all its assertions check. */
  readonly transform?: Script;
  /** A list is one value, not one case per item. */
  readonly wholeLists?: boolean;
  /** `file:line:column`, for messages only: not hashed. */
  readonly where: string;
}

/**
 * Test cases with nothing left to look up: defaults merged, files read. JSON, so it is stored by its hash
 * and read again by a worker that has no files.
 */
export interface Dataset {
  /** As the user gave it, for messages and reports: not hashed. */
  readonly name: string;
  readonly cases: readonly TestCase[];
  /** What a person should know about it though it can be run: not hashed. */
  readonly warnings: readonly string[];
}

/** The identity of a dataset: SHA-256 of its cases, wherever they were written and in which file. */
export function datasetSha256(dataset: Pick<Dataset, "cases">): string {
  return digestJson(dataset.cases.map(caseContent));
}

/** What of a case decides its result: everything but where it stands. */
export function caseContent({ where: _, assert, ...rest }: TestCase): unknown {
  return { ...rest, assert: assert.map(assertionContent) };
}

function assertionContent({ where: _, assert, ...rest }: Assertion): unknown {
  return { ...rest, ...(assert && { assert: assert.map(assertionContent) }) };
}

/** `golden.yaml:12:3, case 4 (refund asked in French)`: how messages name a case. */
export function describeCase(testCase: TestCase, index: number): string {
  return `${testCase.where}: case ${index + 1}${testCase.description ? ` (${testCase.description})` : ""}`;
}

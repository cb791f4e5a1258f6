import { digestJson } from "../../digest.ts";
import type { Assertion } from "../grading/assertions/assertion.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { CallEndpoint } from "../../providers/completion.ts";
import type { ModelApi } from "../grading/assertions/model-target.ts";
import type { Script } from "../sandbox/run-script.ts";

/** A model, and what it is asked with. */
export interface CaseModel extends Pick<Artifact, "model" | "params" | "tools" | "output_schema"> {
  readonly endpoint?: CallEndpoint;
  readonly api?: ModelApi;
}

/** One question with the checks that its answer has to pass. */
export interface TestCase {
  readonly description?: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly assert: readonly Assertion[];
  /** Least weighted score with which the case passes; without it every assertion has to. */
  readonly threshold?: number;
  /** JavaScript that turns the answer into what all its assertions check. */
  readonly transform?: Script;
  /** JavaScript over the variables; what it returns is put over them. */
  readonly transformVars?: Script;
  /** Texts that are put before and behind the prompt's one text. */
  readonly prefix?: string;
  readonly suffix?: string;
  /** Asked instead of the version's own model, as a configuration may say of a test. */
  readonly ownModel?: CaseModel;
  /** Taken for the answer: no model is asked. */
  readonly givenAnswer?: string;
  /** The name under which its answer is kept for later cases. */
  readonly keepAs?: string;
  /** The conversation that it is a turn of, where there are several. */
  readonly conversation?: string;
  /** Asked while no other case is. */
  readonly serial?: true;
  /** Set when the cases are bound: its result may depend on those before it. */
  readonly inSequence?: true;
  /** Knows nothing of the turns before it. */
  readonly freshConversation?: true;
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
  /** What its author should know about it though it can be run: not hashed. */
  readonly warnings: readonly string[];
  /**
   * As promptfoo's configurations have it: a variable that nothing uses is no error, and a value loses its last line
   * end. Not hashed.
   */
  readonly allowsUnused?: boolean;
  /** Cases use the answers of earlier ones, so they are asked one after the other, in order. Not hashed. */
  readonly isSequence?: boolean;
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

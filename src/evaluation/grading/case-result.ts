/** A version that is evaluated. */
export type VersionArm = "candidate" | "baseline";
/** Whose answer a result is of: a version's own model's, or that of one of the candidate's fallbacks, from 1. */
export type EvaluationArm = VersionArm | `fallback-${number}`;

export function isVersionArm(arm: EvaluationArm): arm is VersionArm {
  return arm === "candidate" || arm === "baseline";
}

type ResultKey = Pick<CaseResult, "arm" | "caseIndex" | "repeat">;

/** The order of results: by case and repeat, the candidate's first, then the baseline's, then the fallbacks'. */
export function compareResults(one: ResultKey, other: ResultKey): number {
  const rank = ({ arm }: ResultKey) => (arm === "candidate" ? 0 : arm === "baseline" ? 1 : 2);
  return (
    one.caseIndex - other.caseIndex ||
    one.repeat - other.repeat ||
    rank(one) - rank(other) ||
    (one.arm < other.arm ? -1 : 1)
  );
}

/** Characters of an answer that are kept with its result. */
export const MAX_OUTPUT = 4000;
/** Of an answer that `select-best` compares: the judge has to see where two differ. */
export const MAX_COMPARED = 100_000;

export interface AssertionResult {
  /** As written, `not-…` included. */
  readonly type: string;
  readonly pass: boolean;
  /** 0 to 1. */
  readonly score: number;
  readonly reason: string;
  readonly metric?: string;
}

/** One version's answer to one case, once. */
export interface CaseResult {
  readonly arm: EvaluationArm;
  /** From 0, in the order of the dataset after lists were expanded. */
  readonly caseIndex: number;
  /** From 0. */
  readonly repeat: number;
  readonly description?: string;
  /** False when there is an error. */
  readonly pass: boolean;
  /** Weighted mean of the assertions' scores, 0 to 1; 0 when there is an error. */
  readonly score: number;
  readonly assertions: readonly AssertionResult[];
  /** Why there is no result, in one line that names file, line and case; null when there is one. */
  readonly error: string | null;
  /** What kind of error: a call failure's kind, or `judge`, `not_run`. */
  readonly errorKind?: string;
  /**
   * Failed before any assertion could be checked: the prompt did not render, the transform gave nothing, or the
   * answer is empty and nothing that it must say is asked for.
   */
  readonly broken?: "render" | "transform" | "empty";
  /** The vendor ended the answer at the limit of its tokens, not where the model would have. */
  readonly cutOff?: true;
  /** The answer, at most {@link MAX_OUTPUT} characters of it. */
  readonly output: string;
  /** SHA-256 of the whole answer, where not all of it is kept. */
  readonly outputSha256?: string;
  /** Of the answer and of its judges. */
  readonly tokens: { readonly input: number; readonly output: number };
  /** Of the answer and of its judges, in US dollars; null when a model's price is not known; 0 when reused. */
  readonly costUsd: number | null;
  /** Taken over from an earlier evaluation, because nothing that it depends on has changed. */
  readonly reused?: boolean;
  /** Of a baseline's case that was measured several times: how often it passed, this run and earlier ones. */
  readonly runs?: { readonly passed: number; readonly of: number };
  /** Of the answer alone, in milliseconds. */
  readonly latencyMs: number;
}

/** What a result is stored and found under within one evaluation. */
export function resultKey({
  arm,
  caseIndex,
  repeat,
}: Pick<CaseResult, "arm" | "caseIndex" | "repeat">): string {
  return `${arm}/${caseIndex}/${repeat}`;
}

/**
 * Where the results of an evaluation are kept while it runs, so that one which was interrupted repeats no
 * call that was recorded. Results with an error are run again.
 */
export interface ResultStore {
  load(): Promise<readonly CaseResult[]>;
  /** Stores one result under its {@link resultKey}, replacing one with an error. */
  save(result: CaseResult): Promise<void>;
  /** The results with what is known of earlier runs, where such are kept. */
  averaged?(results: readonly CaseResult[]): CaseResult[];
}

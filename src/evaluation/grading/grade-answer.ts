import { isUndelivered } from "./undelivered.ts";
import { type Assertion, type Grade, grade, writtenType } from "./assertions/assertion.ts";
import type { GradedAnswer, GradingContext } from "./assertions/assertion-kind.ts";
import { transformed } from "./assertions/javascript.ts";
import { ASSERT_SET, ASSERTION_KINDS } from "./assertions/registry.ts";
import type { AssertionResult } from "./case-result.ts";
import { renderValue } from "./assertions/value-template.ts";
import { messageOf } from "../../domain/errors.ts";

/** The grades of all of a case's assertions, and what they make together. */
export interface Graded {
  readonly pass: boolean;
  readonly score: number;
  readonly assertions: readonly AssertionResult[];
}

/**
 * Checks an answer. The score is the mean of the assertions' scores by weight; with a threshold the case
 * passes when the score reaches it, without one when every assertion passes (weight 0 never fails a case).
 * A check that throws has failed. Throws only where a provider or a judge did not deliver.
 */
export async function gradeAnswer(
  assertions: readonly Assertion[],
  threshold: number | undefined,
  answer: GradedAnswer,
  context: GradingContext,
): Promise<Graded> {
  const results: AssertionResult[] = [];
  for (const assertion of assertions) {
    if (ASSERTION_KINDS.get(assertion.type)?.comparative) continue;
    const made = assertionResult(assertion, await gradeOne(assertion, answer, context));
    results.push(isOfCall(assertion) ? made : withCut(made, answer));
  }
  return combine(assertions, results, threshold);
}

function isOfCall({ type }: Assertion): boolean {
  return ASSERTION_KINDS.get(type)?.ofCall === true;
}

const CUT_OFF = " (the answer was cut off at max_tokens)";

/** A failed check of an answer that is not whole says so: what is missing may have been in the rest. */
function withCut(result: AssertionResult, { completion }: GradedAnswer): AssertionResult {
  const isSaid = result.reason.endsWith(CUT_OFF);
  if (result.pass || completion.finishReason !== "length" || isSaid) return result;
  return { ...result, reason: `${result.reason}${CUT_OFF}` };
}

/** An assertion's grade as it is reported. */
export function assertionResult(assertion: Assertion, { pass, score, reason }: Grade): AssertionResult {
  return {
    type: writtenType(assertion),
    pass: pass || assertion.weight === 0,
    score,
    reason,
    ...(assertion.metric !== undefined && { metric: assertion.metric }),
  };
}

/** What results make together; the comparative ones come last, when both versions have answered. */
export function combine(
  assertions: readonly Assertion[],
  results: readonly AssertionResult[],
  threshold: number | undefined,
): Graded {
  const isLate = ({ type }: Assertion) => ASSERTION_KINDS.get(type)?.comparative === true;
  const inOrder = [...assertions.filter((one) => !isLate(one)), ...assertions.filter(isLate)];
  let total = 0;
  let weights = 0;
  results.forEach(({ score }, index) => {
    const { weight } = inOrder[index]!;
    total += score * weight;
    weights += weight;
  });
  const allPass = results.every(({ pass }) => pass);
  const score = weights > 0 ? total / weights : allPass ? 1 : 0;
  return { pass: threshold === undefined ? allPass : score >= threshold, score, assertions: results };
}

async function gradeOne(assertion: Assertion, answer: GradedAnswer, context: GradingContext): Promise<Grade> {
  if (assertion.type === ASSERT_SET) return gradeSet(assertion, answer, context);
  const kind = ASSERTION_KINDS.get(assertion.type);
  if (!kind) throw new Error(`assertion type "${assertion.type}" is not known`);
  try {
    const checked = kind.script ? assertion : withValue(assertion, answer.vars);
    const seen = await transformed(answer, assertion.transform);
    return asWritten(assertion, await kind.grade(checked, seen, context));
  } catch (error) {
    if (context.signal?.aborted || isUndelivered(error)) throw error;
    // Also of a check that is written `not-…`: one that could not be made shows nothing.
    return grade(false, messageOf(error));
  }
}

/** A check's grade, or its opposite where the assertion is written `not-…`. */
export function asWritten({ negated }: Assertion, { pass, score, reason }: Grade): Grade {
  return negated
    ? grade(!pass, pass ? `not wanted: ${reason}` : reason, 1 - score)
    : grade(pass, reason, score);
}

/** The assertion with variables put in its value; itself when there are none, so that what is cached by it stays. */
function withValue(assertion: Assertion, vars: GradedAnswer["vars"]): Assertion {
  const { value } = assertion;
  if (typeof value !== "string" && !Array.isArray(value)) return assertion;
  const rendered = renderValue(value, vars);
  return rendered === value ? assertion : { ...assertion, value: rendered };
}

async function gradeSet(assertion: Assertion, answer: GradedAnswer, context: GradingContext): Promise<Grade> {
  const set = await gradeAnswer(assertion.assert ?? [], assertion.threshold, answer, context);
  const failed = set.assertions.find((one) => !one.pass);
  const reason = set.pass
    ? "the set passes"
    : assertion.threshold === undefined
      ? `${failed?.type}: ${failed?.reason}`
      : `the set's score ${set.score.toFixed(2)} is under ${assertion.threshold}`;
  return grade(set.pass, reason, set.score);
}

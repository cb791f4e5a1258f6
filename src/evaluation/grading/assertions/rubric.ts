import { type Assertion, grade } from "./assertion.ts";
import { judgeRequest, type JudgeQuestion, readVerdict, rubricQuestion, verdictQuestion } from "./judge.ts";
import { readModelTarget } from "./model-target.ts";
import { delimit } from "../../../templates/untrusted.ts";
import { renderRubricPrompt } from "./rubric-prompt.ts";
import { type AssertionKind, type GradedAnswer, type GradingContext, needsText } from "./assertion-kind.ts";

/** Sends a question, in the user's own words where the assertion has a rubricPrompt. */
async function ask(
  assertion: Assertion,
  question: JudgeQuestion,
  answer: GradedAnswer,
  { judge }: GradingContext,
) {
  const target = assertion.judge ? readModelTarget(assertion.judge, assertion.where) : judge.target;
  const own = assertion.rubricPrompt && renderRubricPrompt(assertion.rubricPrompt, assertion.value, answer);
  const asked = own ? { ...question, ...own } : question;
  return judge.ask(judgeRequest(target, judge.wordingOf(target), asked, assertion.judgeParams), target);
}

/** Checks that a model makes. */
export const rubricKinds: Readonly<Record<string, AssertionKind>> = {
  "llm-rubric": {
    judged: true,
    ownPrompt: true,
    // A prompt of the user's own may say all of it.
    problem: (assertion) => (assertion.rubricPrompt === undefined ? needsText(assertion) : undefined),
    async grade(assertion, answer, context) {
      const rubric = assertion.value === undefined ? "" : textOfValue(assertion.value);
      const question = rubricQuestion(rubric, answer.text);
      const isOwn = assertion.rubricPrompt !== undefined;
      const verdict = readVerdict(await ask(assertion, question, answer, context), isOwn);
      const { threshold } = assertion;
      if (threshold === undefined || verdict.score >= threshold) return verdict;
      return grade(false, `score ${verdict.score} is under ${threshold}: ${verdict.reason}`, verdict.score);
    },
  },
  "model-graded-closedqa": {
    judged: true,
    ownPrompt: true,
    problem: needsText,
    async grade(assertion, answer, context) {
      const question = verdictQuestion(
        "You judge whether an answer to a task meets a criterion.",
        `The answer to judge:\n${delimit("answer", answer.text)}`,
        `Criteria:\n${String(assertion.value)}`,
        `The task:\n${delimit("task", answer.prompt)}`,
      );
      return readVerdict(await ask(assertion, question, answer, context));
    },
  },
  factuality: {
    judged: true,
    ownPrompt: true,
    problem: needsText,
    async grade(assertion, answer, context) {
      const question = verdictQuestion(
        "You judge whether an answer agrees with a reference by an expert. Only facts count: style, wording, and facts that one has beyond the other do not matter; a contradiction does.",
        `The answer to judge:\n${delimit("answer", answer.text)}`,
        `Criteria, facts of the reference that must not be contradicted:\n${String(assertion.value)}`,
        `The task:\n${delimit("task", answer.prompt)}`,
      );
      return readVerdict(await ask(assertion, question, answer, context));
    },
  },
  "select-best": {
    judged: true,
    ownPrompt: true,
    comparative: true,
    problem: needsText,
    grade() {
      throw new Error("select-best is graded when all versions have answered");
    },
  },
};

/** A rubric as it is put to a judge; one that is no text, as its JSON. */
function textOfValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

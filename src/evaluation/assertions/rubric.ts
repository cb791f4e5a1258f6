import { parseModelTarget } from "../../domain/artifact.ts";
import { type Assertion, grade } from "../assertion.ts";
import { judgeRequest, readVerdict, rubricQuestion } from "../judge.ts";
import type { AssertionKind, GradingMeans } from "./assertion-kind.ts";
import { needsText } from "./assertion-kind.ts";

/** The assertion's own judge, or the gate's. */
export function judgeFor({ judge }: Assertion, means: GradingMeans) {
  return (judge && parseModelTarget(judge)) || means.judge.target;
}

export const rubricKinds: Readonly<Record<string, AssertionKind>> = {
  "llm-rubric": {
    judged: true,
    problem: needsText,
    async grade(assertion, { text }, means) {
      const target = judgeFor(assertion, means);
      const request = judgeRequest(target, rubricQuestion(String(assertion.value), text));
      const verdict = readVerdict(await means.judge.ask(request, target));
      const { threshold } = assertion;
      if (threshold === undefined || verdict.score >= threshold) return verdict;
      return grade(false, `score ${verdict.score} is under ${threshold}: ${verdict.reason}`, verdict.score);
    },
  },
};

import * as v from "valibot";
import { parseModelTarget } from "../../../domain/prompt/artifact.ts";
import type { Assertion } from "./assertion.ts";
import type { GradingContext } from "./assertion-kind.ts";
import { judgeError, judgeJson, judgeRequest, type JudgeQuestion } from "./judge.ts";

/** Asks an assertion's judge, its own or the gate's, and reads the answer; one of another form is a judge's error. */
export async function askJudge<Answer>(
  assertion: Assertion,
  { judge }: GradingContext,
  shape: v.GenericSchema<unknown, Answer>,
  question: JudgeQuestion,
): Promise<Answer> {
  const target = (assertion.judge && parseModelTarget(assertion.judge)) || judge.target;
  const request = judgeRequest(target, judge.wordingOf(target), question, assertion.judgeParams);
  const answered = await judge.ask(request, target);
  const read = v.safeParse(shape, judgeJson(answered));
  if (read.success) return read.output;
  const at = v.getDotPath(read.issues[0]);
  throw judgeError(
    `the judge's answer is not of the form asked for: ${at ? `${at}: ` : ""}${read.issues[0].message}`,
  );
}

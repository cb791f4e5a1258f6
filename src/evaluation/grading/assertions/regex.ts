import { grade, quote } from "./assertion.ts";
import { linearRegex, regexProblem } from "../../../domain/json/linear-regex.ts";
import { type AssertionKind, needsText } from "./assertion-kind.ts";

export const regexKinds: Readonly<Record<string, AssertionKind>> = {
  regex: {
    // With a template inside, the expression is known only when its variables are.
    problem: (assertion) =>
      needsText(assertion) ??
      (String(assertion.value).includes("{{") ? undefined : regexProblem(String(assertion.value))),
    grade({ value }, { text }) {
      const matches = linearRegex(String(value)).test(text);
      return grade(matches, `the answer ${matches ? "matches" : "does not match"} ${quote(value)}`);
    },
  },
};

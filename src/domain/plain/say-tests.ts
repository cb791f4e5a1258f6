import { counted } from "../text/counted.ts";
import type { TestsReading } from "../rollout/reading.ts";
import { share, size } from "./amounts.ts";
import { said, type Said } from "./said.ts";

const SHARE = { kind: "share" } as const;

/** What an evaluation has come to; `against`: the version that it was compared with, as in `@7`. */
export function sayTests(tests: TestsReading, against: string | null): Said {
  const { verdict, cases, passed, errors, answers, passRate, minPassRate, maxRegression } = tests;
  const { finding, failedBy } = tests;
  if (finding !== null) return said("harm", "Fails before any model was asked.", finding);
  if (verdict === null) return said("calm", "Running.", `${counted(answers, "answer")} so far.`);
  const all = `${passed} of ${counted(cases, "case")} passed`;
  const other = against === null || tests.baselinePassRate === null ? "" : passesOf(tests, against);
  const allowed = size(maxRegression, SHARE);
  if (verdict === "pass") return said("good", "Passes.", other === "" ? `${all}.` : `${all}, ${other}.`);
  if (verdict === "fail") {
    if (failedBy)
      return said(
        "harm",
        "Fails.",
        `Of its fallback ${failedBy.model} ${share(failedBy.passRate)} passed, ${share(minPassRate)} are asked for. With its own model ${all}.`,
      );
    if (passRate !== null && passRate < minPassRate)
      return said(
        "harm",
        "Fails.",
        `${share(passRate)} of the cases passed, ${share(minPassRate)} are asked for.`,
      );
    return said(
      "harm",
      "Fails.",
      `${all}${other === "" ? "" : `, ${other}`}; certainly more than the ${allowed} that are allowed are lost.`,
    );
  }
  if (errors > 0)
    return said(
      "wait",
      "Open.",
      `${errors} of ${counted(answers, "answer")} never came; that is never counted as passed.`,
    );
  const bound = tests.fall?.[1];
  const unsure =
    bound === undefined
      ? ""
      : ` With ${counted(cases, "case")} nothing under ${size(Math.max(0, bound), SHARE, "up")} can be ruled out; ${allowed} are allowed.`;
  const next =
    tests.looks === "fine"
      ? " Nothing looks worse: users decide."
      : tests.looks === "worse"
        ? " It looks worse: it is turned down."
        : "";
  return said("wait", "Cannot tell.", `${other === "" ? all : `${all}, ${other}`}.${unsure}${next}`);
}

function passesOf({ baselinePassRate, cases }: TestsReading, against: string): string {
  return `${against} passes ${Math.round((baselinePassRate ?? 0) * cases)}`;
}

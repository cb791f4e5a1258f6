import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Assessment } from "../../../src/domain/rollout/verdict.ts";
import {
  assess,
  DECISION_CODE_VERSION,
  type AssessmentInput,
} from "../../../src/statistics/decision/assessment.ts";
import { decide, DECISION_CODE_VERSIONS } from "../../../src/statistics/decision/decide.ts";

interface Recorded {
  readonly rollout: string;
  readonly looks: readonly {
    readonly tick: number;
    readonly code_version: string;
    readonly inputs: AssessmentInput;
    readonly assessment: Assessment;
  }[];
}

const RECORD: readonly Recorded[] = JSON.parse(
  readFileSync(new URL("../../fixtures/decisions/version-2.json", import.meta.url), "utf8"),
);

describe("the rules that a rollout began under", () => {
  it.each(RECORD)("of version 2 decide what they decided: $rollout", ({ looks }) => {
    for (const { code_version, inputs, assessment } of looks)
      expect(JSON.parse(JSON.stringify(decide(inputs, code_version)))).toEqual(assessment);
  });

  it("have been recorded with every verdict that they know but the one without data", () => {
    const verdicts = new Set(RECORD.flatMap(({ looks }) => looks.map((look) => look.assessment.verdict)));
    expect([...verdicts].toSorted()).toEqual([
      "advance",
      "continue",
      "fuse",
      "harm",
      "inconclusive",
      "invalid",
      "promote",
    ]);
  });

  it("are today's for what begins today", () => {
    const { inputs } = RECORD[0]!.looks[0]!;
    expect(decide(inputs, DECISION_CODE_VERSION)).toEqual(assess(inputs));
    expect(DECISION_CODE_VERSIONS.at(-1)).toBe(DECISION_CODE_VERSION);
  });

  it("are never guessed: a version that is not here is refused by name, to be tried again elsewhere", () => {
    const { inputs } = RECORD[0]!.looks[0]!;
    for (const version of ["1", "99", "", "constructor"])
      expect(() => decide(inputs, version)).toThrow(
        expect.objectContaining({
          code: "unavailable",
          retryable: true,
          message: expect.stringContaining(`version ${version} `),
        }),
      );
  });
});

import { describe, expect, it } from "vitest";
import { DECISION_CODE_VERSIONS } from "../../src/statistics/decision/decide.ts";
import { readPage } from "./markdown.ts";

describe("the page on upgrading", () => {
  it("names every version of the decision rules that this Sluice has", () => {
    const text = /This release has versions ([\d, and]+)\./.exec(
      readPage("docs/reference/upgrading.md"),
    )?.[1];
    expect(text?.split(/, | and /)).toEqual([...DECISION_CODE_VERSIONS]);
  });
});

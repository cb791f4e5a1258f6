import { describe, expect, it } from "vitest";
import { assertPromptName, parseReference, parseVersionOf } from "../../src/domain/names.ts";
import { scopePartProblem } from "../../src/domain/scope.ts";

describe("what no store can hold", () => {
  it("is refused where it is written: a version's number above the largest", () => {
    expect(parseReference("p@2147483647")).toEqual({ prompt: "p", number: 2_147_483_647 });
    for (const number of ["2147483648", "3000000000", "9".repeat(400)])
      expect(() => parseReference(`p@${number}`)).toThrow(/no version above 2147483647/);
  });

  it("is refused where it is written: a tenant or a model that is too long, or no text", () => {
    expect(scopePartProblem("tenant", "t".repeat(512))).toBeUndefined();
    expect(scopePartProblem("tenant", "t".repeat(8000))).toBe("has 8,000 characters; at most 512 can be");
    expect(scopePartProblem("tenant", "a\0")).toContain("no store can hold");
    expect(scopePartProblem("model", "\ud83d")).toContain("no store can hold");
  });

  it("is refused where it is written: a provider without a model, which would mean every model", () => {
    expect(scopePartProblem("model", "openai/")).toContain("names a provider and no model");
    expect(scopePartProblem("model", "openai/gpt-5-mini")).toBeUndefined();
  });
});

describe("a prompt's name, where no version is taken", () => {
  it.each([
    ["help@7", "a version is not taken here; write help"],
    ["shop/help@1.4.0", "a version is not taken here; write shop/help"],
    ["help@new", '"help@new" is not a valid name segment'],
  ])("is not %s", (text, problem) => {
    expect(() => assertPromptName(text)).toThrow(problem);
  });
});

describe("a version of a prompt that is known", () => {
  it.each([
    ["7", { number: 7 }],
    ["@7", { number: 7 }],
    ["1.4.0", { semver: "1.4.0" }],
    ["@1.4.0", { semver: "1.4.0" }],
    ["shop/help@7", { number: 7 }],
    ["shop/help@1.4.0", { semver: "1.4.0" }],
  ])("may be written %s", (text, version) => {
    expect(parseVersionOf("shop/help", text)).toEqual({ prompt: "shop/help", ...version });
  });

  it.each([
    ["help@7", /help@7 is no version of shop\/help/],
    ["newest", /must be a whole number from 1 or a semantic version/],
    ["", /must be a whole number/],
    ["@", /must be a whole number/],
    ["0", /must be a whole number/],
    ["shop/help", /must be a whole number/],
  ])("is not %s", (text, problem) => {
    expect(() => parseVersionOf("shop/help", text)).toThrow(problem);
  });
});

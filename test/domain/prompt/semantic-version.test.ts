import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { contractBreaks } from "../../../src/domain/prompt/contract-breaks.ts";
import { changeLevel, nextSemver } from "../../../src/domain/prompt/semantic-version.ts";
import { parseReference, parseVersionReference } from "../../../src/domain/names.ts";

const answer = {
  type: "object",
  required: ["price"],
  properties: { price: { type: "number" }, note: { type: "string", enum: ["ok", "late"] } },
};
const base: Artifact = {
  syntax: "jinja",
  model: "openai/gpt-4.1-mini",
  params: { temperature: 0.2 },
  variables: {
    question: { type: "string", required: true, max_length: 400 },
    tier: { type: "string", enum: ["free", "pro"], default: "free" },
  },
  messages: [
    { role: "system", content: "Help." },
    { placeholder: "history" },
    { role: "user", content: "{{ question }}" },
  ],
  tools: [{ type: "function", function: { name: "track" } }],
  output_schema: answer,
};
const withVariables = (variables: Artifact["variables"]): Artifact => ({
  ...base,
  variables: { ...base.variables, ...variables },
});
const withAnswer = (output_schema: Record<string, unknown>): Artifact => ({ ...base, output_schema });

describe("a contract break is", () => {
  const broken: [string, Artifact, string][] = [
    [
      "a new required variable",
      withVariables({ locale: { type: "string", required: true } }),
      "variables.locale",
    ],
    [
      "a variable that becomes required",
      withVariables({ tier: { type: "string", enum: ["free", "pro"], required: true } }),
      "variables.tier",
    ],
    [
      "a value that is no longer taken",
      withVariables({ tier: { type: "string", enum: ["free"], default: "free" } }),
      "variables.tier",
    ],
    [
      "a free variable that takes only a few values",
      withVariables({ question: { type: "string", required: true, enum: ["a"] } }),
      "variables.question",
    ],
    ["another type", withVariables({ question: { type: "list", required: true } }), "variables.question"],
    [
      "a smaller limit",
      withVariables({ question: { type: "string", required: true, max_length: 100 } }),
      "variables.question",
    ],
    [
      "a variable that is gone",
      { ...base, variables: { question: base.variables["question"]! } },
      "variables.tier",
    ],
    [
      "a placeholder that is gone",
      { ...base, messages: base.messages.filter((one) => !("placeholder" in one)) },
      "messages.history",
    ],
    ["another vendor", { ...base, model: "anthropic/claude-haiku-4-5" }, "model"],
    ["a tool that is gone", { ...base, tools: [] }, "tools.track"],
    ["a schema that is gone", (({ output_schema: _gone, ...rest }) => rest)(base), "output_schema"],
    [
      "a property that is gone from the answer",
      withAnswer({ ...answer, properties: { price: { type: "number" } } }),
      "output_schema.properties.note",
    ],
    [
      "a property that may be missing",
      withAnswer({ ...answer, required: [] }),
      "output_schema.properties.price",
    ],
    [
      "a property of another type",
      withAnswer({ ...answer, properties: { ...answer.properties, price: { type: "string" } } }),
      "output_schema.properties.price",
    ],
    [
      "a value of the answer that readers do not know",
      withAnswer({
        ...answer,
        properties: { ...answer.properties, note: { type: "string", enum: ["ok", "late", "lost"] } },
      }),
      "output_schema.properties.note",
    ],
  ];
  it.each(broken)("%s", (_what, after, part) => {
    expect(contractBreaks(base, after).map((found) => found.part)).toEqual([part]);
    expect(changeLevel(base, after)).toBe("major");
  });

  const kept: [string, Artifact, "minor" | "patch"][] = [
    [
      "another text",
      { ...base, messages: [{ role: "system", content: "Help well." }, ...base.messages.slice(1)] },
      "minor",
    ],
    ["a new optional variable", withVariables({ mood: { type: "string" } }), "minor"],
    [
      "a new variable with a default",
      withVariables({ mood: { type: "string", required: true, default: "calm" } }),
      "minor",
    ],
    [
      "one more value",
      withVariables({ tier: { type: "string", enum: ["free", "pro", "team"], default: "free" } }),
      "minor",
    ],
    [
      "a new property of the answer",
      withAnswer({ ...answer, properties: { ...answer.properties, extra: { type: "string" } } }),
      "minor",
    ],
    ["another model of the same vendor", { ...base, model: "openai/gpt-4.1" }, "minor"],
    ["an example", { ...base, examples: [{ input: "a", output: "b" }] }, "minor"],
    ["a parameter", { ...base, params: { temperature: 0.7 } }, "patch"],
  ];
  it.each(kept)("not %s", (_what, after, level) => {
    expect(contractBreaks(base, after)).toEqual([]);
    expect(changeLevel(base, after)).toBe(level);
  });
});

describe("a semantic version", () => {
  it("begins with 1.0.0, and each change raises its part and clears those behind it", () => {
    const after = (semver: string, artifact: Artifact) => nextSemver({ semver, artifact: base }, artifact);
    expect(nextSemver(undefined, base)).toBe("1.0.0");
    expect(after("1.4.2", { ...base, params: {} })).toBe("1.4.3");
    expect(after("1.4.2", { ...base, model: "openai/gpt-4.1" })).toBe("1.5.0");
    expect(after("1.4.2", { ...base, model: "anthropic/claude-haiku-4-5" })).toBe("2.0.0");
  });

  it("names a version wherever its number does", () => {
    expect(parseVersionReference("shop/help@1.4.0")).toEqual({ prompt: "shop/help", semver: "1.4.0" });
    expect(parseReference("help@12")).toEqual({ prompt: "help", number: 12 });
    for (const text of ["help@1.4", "help@01.4.0", "help@v1.4.0", "help@1.4.0-rc.1", "help@latest"])
      expect(() => parseReference(text)).toThrow(/whole number from 1 or a semantic version/);
  });
});

import { describe, expect, it } from "vitest";
import type { Artifact, VariableSpec } from "../../../src/domain/prompt/artifact.ts";
import { composeArtifact } from "../../../src/domain/prompt/include.ts";
import { readPromptFile } from "../../../src/domain/prompt/prompt-file.ts";
import { loadPromptFile } from "../../../src/templates/load-prompt-file.ts";

const file = (entry: string) => `name: a
model: openai/m
messages:
  - ${entry}
  - { role: user, content: "{{ x }}" }
variables: { x: { type: string } }
`;

describe("an include in a prompt file", () => {
  it("names a version, or a label", () => {
    expect(loadPromptFile(file("{ include: house/style@3 }"), "p.yaml").includes).toEqual([
      { prompt: "house/style", number: 3, at: 0, where: "p.yaml:4:16" },
    ]);
    expect(loadPromptFile(file("{ include: b, label: staging }"), "p.yaml").includes).toMatchObject([
      { prompt: "b", label: "staging" },
    ]);
  });

  it("leaves the places of the file's own mistakes right", () => {
    expect(() => loadPromptFile(file("{ include: b@1 }").replace("{{ x }}", "{{ y }}"), "p.yaml")).toThrow(
      'p.yaml:5:29: messages.1.content, line 1: variable "y" is used but not declared',
    );
  });

  it.each([
    ["{ include: b }", "include: names a version, or a label, and not both: { include: b@2 } or"],
    ["{ include: b@1, label: production }", "include: names a version, or a label, and not both"],
    ["{ include: b@0 }", 'include: "b@0": the version after "@" must be a whole number from 1'],
    ["{ include: B@1 }", 'include: prompt name "B"'],
    ["{ include: b, label: A B }", 'include: label "A B"'],
    ["{ include: b@1, role: user }", "an include stands alone"],
    ["{ label: production, placeholder: h }", "a label belongs to an include"],
    ["{ inclde: b@1 }", 'p.yaml:4:7: unknown key "messages.0.inclde"; did you mean "include"?'],
  ])("%s is refused", (entry, problem) => {
    expect(() => readPromptFile(file(entry), "p.yaml")).toThrow(problem);
    expect(() => readPromptFile(file(entry), "p.yaml")).toThrow(/^p\.yaml:4:\d+: /);
  });
});

describe("an artifact that is put together", () => {
  const own: Artifact = {
    syntax: "jinja",
    model: "openai/m",
    params: {},
    variables: { x: { type: "string", required: true } },
    messages: [{ placeholder: "history" }, { role: "user", content: "{{ x }}" }],
  };
  const request = { at: 1, prompt: "b", number: 1, where: "p.yaml:1:1" };
  const compose = (more: Partial<Artifact>) => {
    const artifact = { ...own, variables: {}, messages: [], ...more };
    return composeArtifact(own, [{ request, version: { prompt: "b", number: 1, sha256: "s", artifact } }]);
  };

  it("has the included messages in their place, and the model and parameters of the file", () => {
    const { messages, ...rest } = compose({
      model: "anthropic/other",
      params: { temperature: 1 },
      examples: [{ input: "a", output: "b" }],
      messages: [{ role: "system", content: "s" }],
    });
    expect(messages).toEqual([own.messages[0], { role: "system", content: "s" }, own.messages[1]]);
    expect(rest).toMatchObject({ model: "openai/m", params: {}, includes: [{ at: 1, count: 1 }] });
    expect(rest).not.toHaveProperty("examples");
  });

  it.each<[string, VariableSpec]>([
    ["type", { type: "number", required: true }],
    ["trust", { type: "string", required: true, untrusted: true }],
    ["need", { type: "string" }],
  ])("is refused where both declare a variable with another %s", (_, spec) => {
    expect(() => compose({ variables: { x: spec } })).toThrow(
      'p.yaml:1:1: include b@1: declares variable "x" differently',
    );
  });

  it("takes a variable that both declare in the same way", () => {
    expect(compose({ variables: { x: { required: true, type: "string" } } }).variables).toEqual(
      own.variables,
    );
  });

  it("is refused where a placeholder would stand twice", () => {
    expect(() => compose({ messages: [{ placeholder: "history" }] })).toThrow(
      'include b@1: placeholder "history" would stand here a second time',
    );
  });
});

import { describe, expect, it } from "vitest";
import { diffArtifacts } from "../../../src/domain/prompt/version-diff.ts";
import { promptFileText } from "../../../src/domain/prompt/prompt-file-text.ts";
import { compileArtifact } from "../../../src/templates/artifact-template.ts";
import { toOpenAI } from "../../../src/templates/requests/to-openai.ts";
import { loadPromptFile, loadPromptsOfFile } from "../../../src/templates/load-prompt-file.ts";

const HEAD =
  "name: greet\nmodel: openai/gpt-5.4-mini\nvariables: { who: { type: string, required: true } }\n";
const load = (text: string) => loadPromptFile(HEAD + text, "greet.yaml");

describe("a prompt that is written as one text", () => {
  it("is sent as the user's message, and is another version than the same as a list of messages", () => {
    const { artifact } = load('text: "Greet {{ who }}."\n');
    expect(compileArtifact(artifact).render({ who: "Ada" }).messages).toEqual([
      { role: "user", content: "Greet Ada." },
    ]);
    const listed = load('messages: [{ role: user, content: "Greet {{ who }}." }]\n').artifact;
    expect(diffArtifacts(listed, artifact).map(({ part, kind }) => [part, kind])).toEqual([
      ["format", "added"],
    ]);
  });

  it("is printed as it was written, so that pushing what show --file printed gives the same version", () => {
    const described = { prompt: "greet", description: "", tags: [], metadata: {} };
    for (const text of [
      'text: "Greet {{ who }}."\n',
      "text: |\n  Greet\n  {{ who }}.\nwhitespace: jinja\n",
    ]) {
      const { artifact } = load(text);
      const printed = promptFileText(described, artifact);
      expect(printed).toMatch(/^text: /m);
      expect(loadPromptFile(printed, "again.yaml").artifact).toEqual(artifact);
    }
  });

  it("has a config of its own, which is part of what it is and of no request", () => {
    const file = 'syntax: langfuse\ntext: "Greet {{who}}."\nconfig: { model: m, top_k: [1, { a: null }] }\n';
    const { artifact } = load(file);
    expect(artifact.config).toEqual({ model: "m", top_k: [1, { a: null }] });
    const described = { prompt: "greet", description: "", tags: [], metadata: {} };
    expect(loadPromptFile(promptFileText(described, artifact), "again.yaml").artifact).toEqual(artifact);
    const other = load(file.replace("[1,", "[2,")).artifact;
    expect(diffArtifacts(artifact, other).map(({ part }) => part)).toEqual(["config"]);
    expect(toOpenAI(artifact, [])).toEqual({ model: "gpt-5.4-mini", messages: [] });
    expect(() => load('text: "{{ who }}"\nconfig: [1]\n')).toThrow(/config: must be a mapping/);
  });

  it("may be one of several in a file", () => {
    const file =
      'prompts:\n  - { name: a, model: openai/x, text: "A" }\n  - { name: b, model: openai/x, messages: [{ role: user, content: B }] }\n';
    expect(loadPromptsOfFile(file, "f.yaml").map(({ artifact }) => artifact.format)).toEqual([
      "text",
      undefined,
    ]);
  });

  it.each([
    [
      'text: hi\nmessages: [{ role: user, content: "{{ who }}" }]',
      /greet\.yaml:4:1: text: stands in place of messages/,
    ],
    ["text: [hi]", /greet\.yaml:4:7: text: must be a text with something in it/],
    ['text: " "', /greet\.yaml:4:7: text: must be a text with something in it/],
    ["text:", /text: must be a text with something in it/],
    ['text: "{{ whom }}"', /greet\.yaml:4:8: text, line 1: .*whom/],
    ["text: |\n  one\n  {{ whom }}", /greet\.yaml:6:3: text, line 2: .*whom/],
  ])("is refused where it is wrong: %j", (text, says) => {
    expect(() => load(`${text}\n`)).toThrow(says);
  });
});

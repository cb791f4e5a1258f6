import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confinedFiles } from "../../../src/evaluation/dataset/confined-files.ts";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";
import { said, scriptedModel } from "../scripted-model.ts";

const parse = (text: string, env: Record<string, string> = {}) =>
  parsePromptfooConfig(text, "promptfooconfig.yaml", { access: { env } });

const small = `description: greetings
prompts: ["Say hello to {{ name }}"]
providers: [openai:gpt-5-mini]
tests:
  - { vars: { name: Ada }, assert: [{ type: contains, value: Ada }] }
`;

describe("a promptfoo configuration", () => {
  it("is its prompts, each asked of each provider, and a dataset", () => {
    const config = parse(`prompts:
  - "Say hello to {{ name }}"
  - { id: chat, label: chat, raw: '[{"role":"system","content":"Be {{ tone }}"},{"role":"user","content":"{{ name }}"}]' }
providers:
  - openai:chat:gpt-5-mini
  - id: anthropic:messages:claude-haiku-4-5
    label: claude
    config: { temperature: 0.2, max_tokens: 100 }
    prompts: [chat]
evaluateOptions: { repeat: 3, maxConcurrency: 2 }
defaultTest: { vars: { tone: kind, n: 1 }, assert: [{ type: icontains, value: "{{ n }}" }] }
tests: [{ vars: { name: [Ada, Bob] } }]
`);
    expect(config).toMatchObject({ repeats: 3, concurrency: 2 });
    expect(config.columns.map(({ label, artifact }) => [label, artifact.model])).toEqual([
      ["openai:chat:gpt-5-mini: Say hello to {{ name }}", "openai/gpt-5-mini"],
      ["openai:chat:gpt-5-mini: chat", "openai/gpt-5-mini"],
      ["claude: chat", "anthropic/claude-haiku-4-5"],
    ]);
    expect(config.columns[2]!.artifact).toEqual({
      syntax: "jinja",
      model: "anthropic/claude-haiku-4-5",
      params: { temperature: 0.2, max_tokens: 100 },
      variables: { name: { type: "string" }, tone: { type: "string" } },
      messages: [
        { role: "system", content: "Be {{ tone }}" },
        { role: "user", content: "{{ name }}" },
      ],
    });
  });

  it("takes tools and an output schema", () => {
    const config = parse(`prompts: [hello]
providers:
  - id: openai:gpt-5-mini
    config:
      tools: [{ type: function, function: { name: look_up, parameters: { type: object } } }]
      response_format: { type: json_schema, json_schema: { name: x, schema: { type: object } } }
tests: [{ assert: [{ type: is-valid-openai-tools-call }] }]
`);
    expect(config.columns[0]!.artifact).toMatchObject({
      params: {},
      tools: [{ function: { name: "look_up" } }],
      output_schema: { type: "object" },
    });
  });

  it("may name a provider as a key of its settings", () => {
    const written = "providers: [{ 'openai:chat:gpt-5-mini': { label: mini, config: { seed: 7 } } }]";
    const { columns } = parse(small.replace("providers: [openai:gpt-5-mini]", written));
    expect(columns[0]!.artifact).toMatchObject({ model: "openai/gpt-5-mini", params: { seed: 7 } });
    for (const [wrong, says] of [
      ["{ 'openai:m': { config: { sed: 7 } } }", /unknown key .*sed"; did you mean "seed"/],
      ["{ label: x }", /"providers.0.id" is missing/],
      ["{ 'openai:m': { config: { apiKey: sk-1 } } }", /a key does not belong in a file/],
    ] as const)
      expect(() => parse(small.replace("[openai:gpt-5-mini]", `[${wrong}]`))).toThrow(says);
  });

  it("is run like any other artifact and dataset", async () => {
    await using model = await scriptedModel((request) => said(request));
    const { columns, dataset, repeats } = parse(small);
    const gate = { repeats, min_pass_rate: 1, max_regression: 0.05 };
    const report = await evaluate({
      candidate: columns[0]!.artifact,
      dataset,
      gate,
      providers: model.providers,
    });
    expect(report).toMatchObject({ verdict: "pass", passed: 1 });
    expect(report.results[0]!.output).toBe("Say hello to Ada");
  });

  it("sees an environment variable only when a person has allowed it", () => {
    const text = small.replace("Say hello", "Say {{ env.GREETING }}");
    expect(parse(text, { GREETING: "ahoy" }).columns[0]!.artifact.messages[0]).toMatchObject({
      content: "Say ahoy to {{ name }}",
    });
    expect(() => parse(text, { OTHER: "x" })).toThrow(
      /^promptfooconfig.yaml:2:\d+: the environment variable GREETING is not open to this file; allow it with --allow-env GREETING/,
    );
    expect(() => parse(text.replace("GREETING", "constructor"))).toThrow(/--allow-env constructor/);
  });

  const wrong: [string, string, string, RegExp][] = [
    [
      "an unknown key",
      "description:",
      "descriptoin:",
      /:1:1: unknown key "descriptoin"; did you mean "description"/,
    ],
    [
      "a provider nobody calls",
      "openai:gpt-5-mini",
      "ollama:llama3",
      /:3:13: "ollama:llama3" is not a model/,
    ],
    [
      "another of the vendor's interfaces",
      "openai:gpt-5-mini",
      "openai:image:dall-e-3",
      /openai:image:dall-e-3": images are not generated/,
    ],
    [
      "a provider made by code",
      "openai:gpt-5-mini",
      '"file://provider.js"',
      /providers made by code are not run/,
    ],
    [
      "a setting nobody knows",
      "[openai:gpt-5-mini]",
      "[{ id: 'openai:gpt-5-mini', config: { askNicely: true } }]",
      /unknown key ".*askNicely"/,
    ],
    [
      "more repeats than anybody means",
      "providers: [openai:gpt-5-mini]",
      "providers: [openai:gpt-5-mini]\nevaluateOptions: { repeat: 1000000000 }",
      /:4:28: evaluateOptions\.repeat: write 100 at most/,
    ],
    ["a template that is none", "{{ name }}", "{{ name", /prompt "Say hello to {{ name": line 1/],
    ["no providers", "providers: [openai:gpt-5-mini]\n", "", /there are no providers/],
  ];
  for (const [what, from, to, says] of wrong)
    it(`with ${what} is refused, saying where`, () => {
      expect(small).toContain(from);
      expect(() => parse(small.replace(from, to))).toThrow(says);
    });
});

describe("the files of a promptfoo configuration", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-config-"));
    mkdirSync(join(folder, "prompts"));
    writeFileSync(join(folder, "prompts", "two.txt"), "Hello {{ name }}\n---\nGoodbye {{ name }}\n");
    writeFileSync(
      join(folder, "prompts", "chat.yaml"),
      "- { role: system, content: Be kind }\n- { role: user, content: '{{ name }}' }\n",
    );
    writeFileSync(join(folder, "prompts", "code.js"), "module.exports = () => 'x';");
    writeFileSync(join(folder, "tests.csv"), "name,__expected\nAda,contains: Ada\nBob,contains: Bob\n");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const read = (prompts: string) =>
    parsePromptfooConfig(
      `prompts: ${prompts}\nproviders: openai:gpt-5-mini\ntests: file://tests.csv\n`,
      "promptfooconfig.yaml",
      { files: confinedFiles(folder) },
    );

  it("hold prompts, several in a text file, and tests", () => {
    const config = read("[file://prompts/two.txt, prompts/chat.yaml]");
    expect(config.columns.map(({ artifact }) => artifact.messages)).toEqual([
      [{ role: "user", content: "Hello {{ name }}" }],
      [{ role: "user", content: "Goodbye {{ name }}" }],
      [
        { role: "system", content: "Be kind" },
        { role: "user", content: "{{ name }}" },
      ],
    ]);
    expect(config.dataset.cases.map(({ vars }) => vars)).toEqual([{ name: "Ada" }, { name: "Bob" }]);
    expect(read("file://prompts/*.txt").columns).toHaveLength(2);
  });

  it("are never run as prompts", () => {
    expect(() => read("[file://prompts/code.js]")).toThrow(/prompts made by code are not run/);
  });
});

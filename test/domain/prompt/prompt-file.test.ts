import { describe, expect, it } from "vitest";
import { readPromptFile } from "../../../src/domain/prompt/prompt-file.ts";
import { fixedTokenText, loadPromptFile } from "../../../src/templates/load-prompt-file.ts";

const LINES = `name: support-reply
description: Answers a customer's question
tags: [support, support]
syntax: jinja
model: openai/gpt-5-mini
params: { temperature: 0.2, max_tokens: 400 }
variables:
  product:  { type: string, required: true }
  tier:     { type: string, enum: [free, pro], default: free }
  question: { type: string, required: true, untrusted: true, max_length: 4000 }
messages:
  - { role: system, content: "You answer questions about {{ product }}." }
  - { placeholder: history }
  - role: user
    content: |
      Hello,
      {{ question }} ({{ tier }})
examples: [ { input: "a", output: "b" } ]
policy: support.rollout.yaml
`;

const changed = (from: string | RegExp, to: string) => {
  expect(LINES).toMatch(from);
  return LINES.replace(from, () => to);
};

describe("a prompt file", () => {
  it("of many thousand variables is read in a moment, and refused", () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `  v${i}: { type: string }`).join("\n");
    expect(() => readPromptFile(changed("variables:", `variables:\n${many}`), "p.yaml")).toThrow(
      "a prompt has at most 1,000 variables",
    );
  });

  it("is read into an artifact and what is not part of it", () => {
    expect(loadPromptFile(LINES, "p.yaml")).toEqual({
      name: "support-reply",
      description: "Answers a customer's question",
      tags: ["support"],
      metadata: {},
      policy: "support.rollout.yaml",
      artifact: {
        syntax: "jinja",
        model: "openai/gpt-5-mini",
        params: { temperature: 0.2, max_tokens: 400 },
        variables: {
          product: { type: "string", required: true },
          tier: { type: "string", enum: ["free", "pro"], default: "free" },
          question: { type: "string", required: true, untrusted: true, max_length: 4000 },
        },
        messages: [
          { role: "system", content: "You answer questions about {{ product }}." },
          { placeholder: "history" },
          { role: "user", content: "Hello,\n{{ question }} ({{ tier }})\n" },
        ],
        examples: [{ input: "a", output: "b" }],
      },
    });
  });

  it("may be JSON, may hold its policy, and needs little", () => {
    const file = readPromptFile(
      '{"name": "a/b", "model": "anthropic/m", "messages": [{"role": "user", "content": "x"}], "policy": {"gate": {}}}',
      "p.json",
    );
    expect(file).toMatchObject({ tags: [], description: undefined, policy: { gate: {} } });
    expect(file.artifact).toEqual({
      syntax: "jinja",
      model: "anthropic/m",
      params: {},
      variables: {},
      messages: [{ role: "user", content: "x" }],
    });
  });

  it("means the same whether a default is written out or not", () => {
    const base =
      "name: a\nmodel: openai/m\nmessages: [{ role: user, content: x }]\nvariables: { v: { type: json } }\n";
    const spelled = base.replace("json }", "json, required: false, untrusted: false }");
    expect(
      readPromptFile(`${spelled}examples: []\ntools: []\nsyntax: jinja\nparams: {}\n`, "b").artifact,
    ).toEqual(readPromptFile(base, "a").artifact);
  });

  it.each<[string | RegExp, string, string]>([
    ["model: openai/gpt-5-mini\n", "", 'p.yaml:1:1: "model" is missing'],
    ["model:", "modle:", 'p.yaml:5:1: unknown key "modle"; did you mean "model"?'],
    [
      "required: true }",
      "requird: true }",
      'p.yaml:8:29: unknown key "variables.product.requird"; did you mean "required"?',
    ],
    [
      'content: "You',
      'contnt: "You',
      'p.yaml:12:21: unknown key "messages.0.contnt"; did you mean "content"?',
    ],
    ["output:", "ouput:", 'p.yaml:18:27: unknown key "examples.0.ouput"; did you mean "output"?'],
    ["name: support-reply", "name: Support", "p.yaml:1:7: name: "],
    ["name: support-reply", "name: a/labels", "p.yaml:1:7: name: "],
    ["openai/gpt", "opnai/gpt", 'did you mean "openai"?'],
    ["openai/gpt-5-mini", "gpt-5-mini", "p.yaml:5:8: model: "],
    ["openai/gpt-5-mini", "openai/", "names no model"],
    ["type: string", "type: text", "p.yaml:8:21: variables.product.type: "],
    ["default: free", "default: 3", "p.yaml:9:57: variables.tier.default: must be a string; got 3"],
    ["default: free", "default: gold", 'must be one of "free", "pro"; got "gold"'],
    ["[free, pro]", "[free, 1]", "p.yaml:9:42: variables.tier.enum.1: must be a string; got 1"],
    ["[free, pro]", "[]", "p.yaml:9:35: variables.tier.enum: needs at least one value"],
    ["max_length: 4000", "max_length: 0", "p.yaml:10:74: variables.question.max_length: must be 1 or more"],
    ["max_length: 4000", "max_length: 2, default: abc", "has 3 characters; max_length is 2"],
    ["{ type: string, required: true }", "{ type: number, max_length: 3 }", "does not apply to a number"],
    ["product: ", "__proto__: ", "p.yaml:8:3: variables.__proto__: is a reserved name"],
    ["product: ", "constructor: ", "p.yaml:8:3: variables.constructor: is a reserved name"],
    ["product: ", "loop: ", "is a reserved name"],
    ["product: ", "a-b: ", "p.yaml:8:3: variables.a-b: is not a variable name"],
    ["role: system", "role: sytem", "p.yaml:12:13: messages.0.role: "],
    ["role: system", "role: tool", "comes in through a placeholder"],
    ["placeholder: history", "placeholder: history, role: user", "p.yaml:13:5: messages.1: "],
    ["placeholder: history", "role: user", "p.yaml:13:5: messages.1: "],
    ["placeholder: history", "placeholder: a b", "p.yaml:13:20: messages.1.placeholder: "],
    [
      "  - { placeholder: history }\n",
      "  - { placeholder: h }\n  - { placeholder: h }\n",
      "stands here a second time",
    ],
    [/messages:[^]*/, "messages: []", "p.yaml:11:11: messages: a prompt needs at least one message"],
    [/messages:[^]*/, "messages: [{ placeholder: history }]", "at least one message of its own"],
    ["temperature: 0.2", "temperature: hot", "p.yaml:6:24: params.temperature: must be a number"],
    ["400", "0.5", "params.max_tokens: must be a whole number, 1 or more"],
    ["temperature: 0.2", "model: x", "p.yaml:6:11: params.model: is not a parameter"],
    ["temperature: 0.2", "stream: true", "params.stream: is not a parameter"],
    ["400", ".inf", "Infinity has no JSON form"],
    ["Answers a", '"a\\u0000"\nx: a', "p.yaml:2:14: description: contains a NUL character"],
    ["free, pro", '"\\ud800"', "contains half of a surrogate pair"],
    ["tags: [support, support]", "tags: support", "p.yaml:3:7: tags: "],
    ["tags: [support, support]", "tags: [a", "not valid YAML"],
    ["syntax: jinja", "syntax: jinja\nsyntax: dollar", "not valid YAML: Map keys must be unique"],
    ["policy: support.rollout.yaml", "policy: 5", "p.yaml:19:9: policy: "],
    [
      "policy: support.rollout.yaml",
      "tools: [{ type: function, function: { name: a b } }]",
      "p.yaml:19:45: tools.0.function.name: ",
    ],
    [
      "policy: support.rollout.yaml",
      "tools: [{ type: function, function: { name: a, parameters: { type: array } } }]",
      'with "type": "object" at its top',
    ],
    [
      "policy: support.rollout.yaml",
      "tools: [{ type: function, function: { name: a } }, { type: function, function: { name: a } }]",
      'there is a tool "a" already',
    ],
    [
      "policy: support.rollout.yaml",
      "output_schema: { type: object, properties: { a: { type: strin } } }",
      'output_schema.properties.a.type: "strin" is not a JSON Schema type',
    ],
    [
      "policy: support.rollout.yaml",
      "output_schema: { type: object, required: a }",
      "output_schema.required: must be a list",
    ],
    [/^[^]*$/, "", "p.yaml:1:1: a prompt file is a mapping"],
    [/^[^]*$/, "- a", "p.yaml:1:1: a prompt file is a mapping"],
  ])("with %j as %j is refused in one line that says where", (from, to, problem) => {
    let thrown: unknown;
    try {
      readPromptFile(changed(from, to), "p.yaml");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "invalid_input" });
    expect((thrown as Error).message).toContain(problem);
    expect((thrown as Error).message).toMatch(/^p\.yaml:\d+:\d+: [^\n]+$/);
  });

  it.each<[string, string, string]>([
    [
      "{{ question }}",
      "{{ qestion }}",
      'p.yaml:17:7: messages.2.content, line 2: variable "qestion" is used but not declared under variables; did you mean "question"?',
    ],
    [
      "{{ tier }}",
      "{% if tier %}",
      "p.yaml:17:23: messages.2.content, line 2: {% if %} is never closed; add {% endif %}",
    ],
    [
      "{{ product }}",
      "{{ question }}",
      'p.yaml:12:58: messages.0.content, line 1: untrusted variable "question" may not reach a system message',
    ],
    ["{{ product }}", "{% for q in [question] %}{{ q }}{% endfor %}", "untrusted variable"],
    ["{{ product }}", "{{ product | uper }}", 'unknown filter "uper"; did you mean "upper"?'],
  ])("whose templates say %j for %j is refused where that stands", (from, to, problem) => {
    const text = changed(from, to);
    expect(() => loadPromptFile(text, "p.yaml")).toThrow(problem);
    expect(() => readPromptFile(text, "p.yaml")).not.toThrow();
  });

  it("tells all the problems of its templates to a program", () => {
    const text = changed("{{ product }}", "{{ a }} {{ b }}");
    expect(() => loadPromptFile(text, "p.yaml")).toThrow(
      expect.objectContaining({
        details: {
          file: "p.yaml",
          problems: [expect.stringContaining('"a"'), expect.stringContaining('"b"')],
        },
      }),
    );
  });

  it("has a fixed part: all that it sends whatever the values are", () => {
    const tool = "{ type: function, function: { name: look_up } }";
    const { artifact } = loadPromptFile(
      changed("policy:", `tools: [${tool}]\noutput_schema: { type: object }\npolicy:`),
      "p",
    );
    expect(fixedTokenText(artifact)).toBe(
      'You answer questions about .\nHello,\n ()\n\na\nb\n{"type":"function","function":{"name":"look_up"}}\n{"type":"object"}',
    );
  });
});

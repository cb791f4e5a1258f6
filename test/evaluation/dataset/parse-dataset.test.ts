import { describe, expect, it } from "vitest";
import { SluiceError } from "../../../src/domain/errors.ts";
import { datasetSha256 } from "../../../src/evaluation/dataset/dataset.ts";
import { fileSource } from "../../../src/evaluation/dataset/file-source.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";

function problem(text: string, name = "golden.yaml"): string {
  try {
    parseDataset(text, name);
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    expect((error as SluiceError).code).toBe("invalid_input");
    return (error as SluiceError).message;
  }
  throw new Error("it was accepted");
}

describe("a dataset", () => {
  it("is a bare list of test cases", () => {
    const { cases } = parseDataset(
      `- description: greets
  vars: { question: hello }
  assert:
    - type: contains
      value: hi
    - { type: not-regex, value: "b[a-z]+e", weight: 2, metric: manners }
`,
      "golden.yaml",
    );
    expect(cases).toEqual([
      {
        description: "greets",
        vars: { question: "hello" },
        where: "golden.yaml:1:3",
        assert: [
          { type: "contains", negated: false, value: "hi", weight: 1, where: "golden.yaml:4:7" },
          {
            type: "regex",
            negated: true,
            value: "b[a-z]+e",
            weight: 2,
            metric: "manners",
            where: "golden.yaml:6:7",
          },
        ],
      },
    ]);
  });

  it("or an object whose defaultTest is shared by its tests", () => {
    const { cases } = parseDataset(
      JSON.stringify({
        defaultTest: { vars: { tone: "kind", a: 1 }, assert: [{ type: "is-json" }], threshold: 0.5 },
        tests: [{ vars: { a: 2 }, assert: [{ type: "equals", value: "x" }] }, {}],
      }),
      "golden.json",
    );
    expect(cases[0]).toMatchObject({ vars: { tone: "kind", a: 2 }, threshold: 0.5 });
    expect(cases[0]!.assert.map(({ type }) => type)).toEqual(["is-json", "equals"]);
    expect(cases[1]!.assert).toHaveLength(1);
  });

  it("takes assertions by reference, and assert-sets", () => {
    const { cases } = parseDataset(
      `assertionTemplates:
  polite: { type: llm-rubric, value: is polite }
tests:
  - assert:
      - $ref: "#/assertionTemplates/polite"
      - type: assert-set
        threshold: 0.5
        assert: [{ type: contains, value: a }, { type: contains, value: b }]
`,
      "golden.yaml",
    );
    expect(cases[0]!.assert[0]).toMatchObject({
      type: "llm-rubric",
      value: "is polite",
      where: "golden.yaml:2:11",
    });
    expect(cases[0]!.assert[1]).toMatchObject({ type: "assert-set", threshold: 0.5 });
    expect(cases[0]!.assert[1]!.assert).toHaveLength(2);
  });

  it("crosses each scenario's configurations with its tests", () => {
    const { cases } = parseDataset(
      `scenarios:
  - config: [{ vars: { language: French } }, { vars: { language: Dutch } }]
    tests:
      - vars: { question: hello }
        assert: [{ type: contains, value: "{{ language }}" }]
      - { vars: { question: bye }, assert: [{ type: contains, value: x }] }
`,
      "golden.yaml",
    );
    expect(cases.map(({ vars }) => vars)).toEqual([
      { language: "French", question: "hello" },
      { language: "French", question: "bye" },
      { language: "Dutch", question: "hello" },
      { language: "Dutch", question: "bye" },
    ]);
  });

  it("reads scenarios, their configurations and their tests from files", () => {
    const texts: Record<string, string> = {
      "all.yaml": "- { config: [{ vars: { a: 1 } }], tests: file://tests.csv }",
      "one.yaml":
        "{ config: file://config.yaml, tests: [{ vars: { q: z }, assert: [{ type: contains, value: z }] }] }",
      "config.yaml": "[{ vars: { a: 2 } }, { vars: { a: 3 } }]",
      "tests.csv": "q,__expected\nx,contains: x\ny,contains: y\n",
    };
    const files = fileSource({ read: (name) => texts[name]!, list: (name) => [name] });
    const text = "scenarios: [file://all.yaml, file://one.yaml]";
    expect(parseDataset(text, "g.yaml", files).cases).toMatchObject([
      { vars: { a: 1, q: "x" }, where: "tests.csv:2" },
      { vars: { a: 1, q: "y" }, where: "tests.csv:3" },
      { vars: { a: 2, q: "z" } },
      { vars: { a: 3, q: "z" }, assert: [{ type: "contains", value: "z" }] },
    ]);
  });

  it("reads a judge's own words from a file, in place or of all cases", () => {
    const files = fileSource({ read: (name) => `the words of ${name}`, list: (name) => [name] });
    const rubric = "type: llm-rubric, value: x";
    const { cases } = parseDataset(
      `- { assert: [{ ${rubric}, rubricPrompt: file://own.txt }] }
- { options: { rubricPrompt: file://shared.txt }, assert: [{ ${rubric} }, { type: contains, value: a }] }
`,
      "g.yaml",
      files,
    );
    expect(cases.map(({ assert }) => assert.map(({ rubricPrompt }) => rubricPrompt))).toEqual([
      ["the words of own.txt"],
      ["the words of shared.txt", undefined],
    ]);
  });

  it("has the same hash wherever and however it is written, and another when a check changes", () => {
    const yaml = parseDataset(
      `# golden\n- vars: {a: 1, b: 2}\n  assert: [{type: contains, value: hi}]`,
      "a.yaml",
    );
    const json = parseDataset(
      '[{"assert":[{"value":"hi","type":"contains"}],"vars":{"b":2,"a":1}}]',
      "b.json",
    );
    const other = parseDataset(
      '[{"assert":[{"value":"ho","type":"contains"}],"vars":{"b":2,"a":1}}]',
      "b.json",
    );
    expect(datasetSha256(yaml)).toBe(datasetSha256(json));
    expect(datasetSha256(other)).not.toBe(datasetSha256(json));
  });

  it("survives being stored as JSON", () => {
    const dataset = parseDataset(`- assert: [{ type: not-contains, value: x }]`, "a.yaml");
    const again = JSON.parse(JSON.stringify(dataset)) as typeof dataset;
    expect(again).toEqual(dataset);
    expect(datasetSha256(again)).toBe(datasetSha256(dataset));
  });

  it("says which cases are the same, and leaves out those that assert nothing", () => {
    const { cases, warnings } = parseDataset(
      `- { vars: { q: a }, assert: [{ type: contains, value: x }] }
- { vars: { q: b } }
- { vars: { q: a }, assert: [{ type: contains, value: x }] }
`,
      "g.yaml",
    );
    expect(cases).toHaveLength(2);
    expect(warnings).toEqual([
      "g.yaml:2:3: the case asserts nothing, so it can prove nothing and is left out",
      "g.yaml:3:3: the case is the same as the one at g.yaml:1:3; together they prove as much as one",
    ]);
  });

  it("leaves out a case in which nothing but a measure without a threshold stands", () => {
    const measure = "{ type: context-relevance }";
    const { cases, warnings } = parseDataset(
      `- { vars: { q: a }, assert: [${measure}] }
- { vars: { q: b }, assert: [{ type: context-relevance, threshold: 0.5 }] }
- { vars: { q: c }, assert: [${measure}, { type: contains, value: x }] }
`,
      "g.yaml",
    );
    expect(cases.map(({ vars }) => vars["q"])).toEqual(["b", "c"]);
    expect(warnings[0]).toMatch(/^g\.yaml:1:3: the case passes whatever the answer is/);
  });

  it("says which test an error is about", () => {
    expect(problem("- assert: []\n- { description: polite, asert: [] }")).toMatch(
      /2:26: .* \(test 2: polite\)$/,
    );
    expect(problem("tests:\n  - assert: []\n  - { asert: [] }")).toMatch(/3:7: .* \(test 2\)$/);
    expect(problem("- description: polite\n  assert: [{ type: contains }]")).toMatch(/\(test 1: polite\)$/);
    expect(problem("defaultTest: { asert: [] }\ntests: []")).not.toContain("(test");
  });

  it("takes what its cases share from a file, and models as objects with an id", () => {
    const files = fileSource({
      read: () => "{ vars: { a: 1 }, options: { provider: { id: 'openai:gpt-4.1' } } }",
      list: (name) => [name],
    });
    const { cases } = parseDataset(
      `defaultTest: file://shared.yaml
tests:
  - assert:
      - { type: llm-rubric, value: kind }
      - { type: llm-rubric, value: kind, provider: { id: "anthropic:messages:claude-haiku-4-5" } }
`,
      "g.yaml",
      files,
    );
    expect(cases[0]!.vars).toEqual({ a: 1 });
    expect(cases[0]!.assert.map(({ judge }) => judge)).toEqual([
      "openai/gpt-4.1",
      "anthropic/claude-haiku-4-5",
    ]);
  });

  const wrong: [string, string, RegExp][] = [
    ["an empty file", "", /^golden.yaml: the dataset is empty/],
    ["no cases", "tests: []", /^golden.yaml: the dataset has no test cases/],
    ["no list", "hello", /^golden.yaml:1:1: /],
    ["broken YAML", "- vars: {a: [", /^golden.yaml:1:\d+: not valid YAML/],
    [
      "a mistyped key",
      "- vras: {a: 1}\n  assert: []",
      /^golden.yaml:1:3: unknown key "0.vras"; did you mean "vars"/,
    ],
    [
      "a mistyped key of an assertion",
      "- assert: [{type: contains, vlaue: a}]",
      /:1:29: unknown key .*"value"/,
    ],
    [
      "an unknown type",
      "- assert:\n  - type: contians\n    value: a",
      /^golden.yaml:2:11: .*"contians".*"contains"/,
    ],
    [
      "a type that is not run",
      "- assert: [{type: pi, value: a}]",
      /^golden.yaml:1:19: .*"pi" is not one that Sluice runs/,
    ],
    [
      "an assertion without a value",
      "- assert: [{type: contains}]",
      /^golden.yaml:1:12: contains: it needs a value/,
    ],
    ["a pattern that is none", '- assert: [{type: regex, value: "(a"}]', /regex: not a regular expression/],
    [
      "a look-ahead",
      '- assert: [{type: regex, value: "(?=a)"}]',
      /look-around and back-references are not supported/,
    ],
    [
      "a schema that is none",
      "- assert: [{type: is-json, value: {type: strnig}}]",
      /is-json: not a JSON Schema/,
    ],
    ["a template that is none", '- assert: [{type: equals, value: "{{ a"}]', /equals: its value: line 1/],
    ["an unknown reference", "- assert: [{$ref: nope}]", /\$ref "nope" names no assertion template/],
    [
      "a judge nobody can call",
      "- assert: [{type: llm-rubric, value: a, provider: foo:x}]",
      /"foo:x" is not a model/,
    ],
    [
      "a setting for what is no script",
      "- assert: [{type: contains, value: a, config: {b: 1}}]",
      /^golden.yaml:1:39: config is for scripts; contains takes none/,
    ],
    ["an empty set", "- assert: [{type: assert-set, assert: []}]", /the assert-set has no assertions/],
    ["a wrong weight", "- assert: [{type: contains, value: a, weight: -1}]", /weight: a weight is 0 or more/],
    ["no assertion anywhere", "- vars: {a: 1}", /no test case asserts anything/],
    [
      "a file, where there are none",
      "- vars: {a: file://x.txt}\n  assert: [{type: is-json}]",
      /file:\/\/x.txt cannot be read/,
    ],
  ];
  for (const [what, text, says] of wrong)
    it(`with ${what} is refused, saying where`, () => {
      const message = problem(text);
      expect(message).toMatch(says);
      expect(message).not.toContain("\n");
    });
});

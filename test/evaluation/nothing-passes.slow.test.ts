import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { confinedFiles } from "../../src/evaluation/dataset/confined-files.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import { evaluateConfig } from "../../src/evaluation/promptfoo/evaluate-config.ts";
import { parsePromptfooConfig } from "../../src/evaluation/promptfoo/parse-config.ts";
import { chatAnswer, json } from "../providers/wire-server.ts";
import { asksJudge, type ChatRequest, scriptedModel } from "./scripted-model.ts";

const echo: Artifact = {
  syntax: "jinja",
  model: "openai/gpt-5-mini",
  params: {},
  variables: { q: { type: "string", required: true } },
  messages: [{ role: "user", content: "{{ q }}" }],
};
const gate = { repeats: 1, min_pass_rate: 0.9, max_regression: 0.05 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-nothing-"));
  mkdirSync(join(folder, "docs"));
  const files: Record<string, string | Uint8Array> = {
    "a.md": "alpha\n",
    "b.md": "beta\n",
    "docs/1.md": "one\n",
    "docs/2.md": "two\n",
    "exp.txt": "a BAD word\n",
    "bom.txt": "\ufeffa BAD word",
    "image.png": Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 1]),
    "latin.txt": Uint8Array.from([0x63, 0x61, 0x66, 0xe9]),
    "v.js": "module.exports = () => 'x'",
    "cases.jsonl": `{"vars":{"q":"a"},"assert":[{"type":"equals","value":"a"}]}\n\n{"vars":{"q":"b"},"assert":[{"type":"equals","value":"b"}]}\n`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parse = (dataset: unknown) =>
  parseDataset(JSON.stringify(dataset), "golden.json", confinedFiles(folder));

/** What became of a dataset whose every answer is the same. */
async function outcome(dataset: unknown, answer: string | ((request: ChatRequest) => string) = "a BAD word") {
  await using model = await scriptedModel((request) =>
    typeof answer === "string" ? answer : answer(request),
  );
  const report = await evaluate({
    candidate: echo,
    dataset: parse(dataset),
    gate,
    providers: model.providers,
  });
  return {
    report,
    verdict: report.verdict,
    counts: [report.passed, report.failed, report.errors],
    reasons: report.results.flatMap(({ assertions }) => assertions.map(({ reason }) => reason)),
  };
}

const vars = { q: "x" };

describe("a check that cannot be made", () => {
  it.each([
    [
      "throws",
      { type: "javascript", value: "JSON.parse(output).ok === true" },
      /the script failed: SyntaxError/,
    ],
    [
      "throws where it is negated",
      { type: "not-javascript", value: "JSON.parse(output).ok === true" },
      /the script failed/,
    ],
    ["never ends", { type: "javascript", value: "(() => { for (;;); })()" }, /took too long/],
    ["gives nothing", { type: "javascript", value: "output.match(/zzz/)" }, /must return true or false/],
    [
      "stands in a set",
      { type: "assert-set", assert: [{ type: "javascript", value: "nothing.at.all" }] },
      /not defined/,
    ],
    [
      "has a transform that gives nothing",
      { type: "not-contains", value: "BAD", transform: "output.match(/zzz/)" },
      /the transform gave nothing \(null\)/,
    ],
    [
      "has a transform that throws",
      { type: "not-contains", value: "BAD", transform: "output.a.b" },
      /the script failed/,
    ],
  ] as const)("fails its case when it %s", async (_, assertion, says) => {
    const { verdict, counts, reasons } = await outcome([{ vars, assert: [assertion] }]);
    expect({ verdict, counts }).toEqual({ verdict: "fail", counts: [0, 1, 0] });
    expect(reasons.join()).toMatch(says);
  });

  it("never fails a case by itself where it has no weight", async () => {
    const assert = [
      { type: "javascript", value: "nothing", weight: 0 },
      { type: "contains", value: "BAD" },
    ];
    expect((await outcome([{ vars, assert }])).verdict).toBe("pass");
  });
});

describe("a transform that gives nothing", () => {
  it.each([
    [
      "of the case",
      (transform: string) => [
        { vars, options: { transform }, assert: [{ type: "not-contains", value: "ZZZ" }] },
      ],
    ],
    [
      "of all cases",
      (transform: string) => ({
        defaultTest: { options: { transform } },
        tests: [{ vars, assert: [{ type: "not-contains", value: "ZZZ" }], threshold: 0.01 }],
      }),
    ],
  ] as const)("%s fails the case, whatever its assertions and threshold", async (_, dataset) => {
    for (const transform of [
      "output.match(/zzz/)",
      "null",
      "undefined",
      "void 0;",
      "const x = output",
      "if (output) { }",
    ]) {
      const { counts, reasons, report } = await outcome(dataset(transform));
      expect(counts, transform).toEqual([0, 1, 0]);
      expect(reasons.join(), transform).toMatch(/^the transform failed: the transform gave nothing/);
      expect(report.results[0]).toMatchObject({ broken: "transform", output: "a BAD word", error: null });
    }
  });

  it("is not one whose value stands before a semicolon, or behind a declaration", async () => {
    for (const transform of ["output.trim();", "const x = output; x"]) {
      const bad = [{ vars, options: { transform }, assert: [{ type: "not-contains", value: "BAD" }] }];
      const { counts, reasons } = await outcome(bad);
      expect(counts, transform).toEqual([0, 1, 0]);
      expect(reasons.join()).toContain('not wanted: the answer contains "BAD"');
    }
  });
});

describe("code in place", () => {
  it.each([
    "output.includes('return') === false",
    "output.length > 1;",
    "const s = output.length; s > 1",
    "const s = output.length; return s > 1",
    "const f = () => { return true; }; f()",
    "let a = ';'; a !== output;",
    "output.length > 1 ||\n output === 'x'",
    "const s = output.length;\nreturn s > 1;",
  ])("is read by its grammar: %s", async (value) => {
    expect((await outcome([{ vars, assert: [{ type: "javascript", value }] }])).counts).toEqual([1, 0, 0]);
  });

  it("over several lines says what it returns, as in promptfoo", async () => {
    const value = "const s = output.length;\ns > 1";
    expect((await outcome([{ vars, assert: [{ type: "javascript", value }] }])).counts).toEqual([0, 1, 0]);
  });
});

describe("what a provider or a judge did not deliver", () => {
  it("is no result, and never a fail", async () => {
    await using model = await scriptedModel((request) =>
      asksJudge(request) ? json(200, { nothing: true }) : "yes",
    );
    const dataset = parse([{ vars, assert: [{ type: "llm-rubric", value: "kind" }] }]);
    const report = await evaluate({ candidate: echo, dataset, gate, providers: model.providers });
    expect(report).toMatchObject({ verdict: "insufficient", looks: "not_delivered", errors: 1, failed: 0 });
  });
});

describe("a case that does not render", () => {
  it("fails alone, without a call, and says why", async () => {
    await using model = await scriptedModel(() => "a");
    const assert = [{ type: "equals", value: "a" }];
    const dataset = parse([{ vars: {}, assert }, ...Array.from({ length: 19 }, () => ({ vars, assert }))]);
    const report = await evaluate({ candidate: echo, dataset, gate, providers: model.providers });
    expect(report).toMatchObject({ verdict: "pass", passed: 19, failed: 1, errors: 0 });
    expect(report.results[0]).toMatchObject({ broken: "render", pass: false, costUsd: 0 });
    expect(report.results[0]!.assertions[0]!.reason).toMatch(/cannot be rendered: .*"q" is required/);
    expect(model.server.requests).toHaveLength(19);
  });

  it("is not sound where none renders: the version fails without any call", async () => {
    const { verdict, counts } = await outcome([{ vars: {}, assert: [{ type: "equals", value: "a" }] }]);
    expect({ verdict, counts }).toEqual({ verdict: "fail", counts: [0, 1, 0] });
  });
});

describe("an empty list of values", () => {
  it("stands for no case at all, which is an error that names the case", async () => {
    const dataset = [
      { vars: { q: [] }, assert: [{ type: "equals", value: "impossible" }] },
      { vars, assert: [{ type: "contains", value: "BAD" }] },
    ];
    await expect(outcome(dataset)).rejects.toThrow(
      /^golden\.json:1:2: case 1: variable "q" is an empty list/,
    );
  });
});

describe("a file that a case names", () => {
  const all = (request: ChatRequest) => request.messages.map(({ content }) => content).join("");
  const asked = async (q: unknown) => {
    const { report } = await outcome(
      [{ vars: { q }, assert: [{ type: "not-contains", value: "file://" }] }],
      all,
    );
    return report.results.map(({ output }) => output);
  };

  it("is read wherever it stands in a variable, by pattern too", async () => {
    expect(await asked("file://a.md")).toEqual(["alpha"]);
    expect(await asked(["file://a.md", "file://b.md"])).toEqual(["alpha", "beta"]);
    expect(await asked("file://docs/*.md")).toEqual(["one", "two"]);
    const { cases } = parse([
      { vars: { q: { deep: ["file://a.md", { x: "file://b.md" }] } }, assert: [{ type: "is-json" }] },
    ]);
    expect(cases[0]!.vars).toEqual({ q: { deep: ["alpha", { x: "beta" }] } });
  });

  it("is read in a scenario's configuration, and where the variables themselves are a file", () => {
    const assert = [{ type: "is-json" }];
    const { cases } = parse({
      scenarios: [
        { config: [{ vars: { q: "file://a.md" } }], tests: [{ vars: { r: ["file://b.md"] }, assert }] },
      ],
    });
    expect(cases[0]!.vars).toEqual({ q: "alpha", r: ["beta"] });
  });

  it("is read in each item of an assertion's list, and its last line end is not part of what is expected", async () => {
    expect(
      (await outcome([{ vars, assert: [{ type: "contains-any", value: ["file://exp.txt"] }] }])).counts,
    ).toEqual([1, 0, 0]);
    expect(
      (await outcome([{ vars, assert: [{ type: "not-contains-any", value: ["file://exp.txt"] }] }])).counts,
    ).toEqual([0, 1, 0]);
    expect((await outcome([{ vars, assert: [{ type: "equals", value: "file://exp.txt" }] }])).counts).toEqual(
      [1, 0, 0],
    );
    expect((await outcome([{ vars, assert: [{ type: "equals", value: "file://bom.txt" }] }])).counts).toEqual(
      [1, 0, 0],
    );
  });

  it("that is no text, or code, is an error and never sent", () => {
    for (const [file, says] of [
      ["image.png", /image\.png is not text/],
      ["latin.txt", /latin\.txt is not UTF-8/],
      ["v.js", /v\.js is code, which is not run here/],
      ["none.txt", /no file none\.txt/],
    ] as const) {
      expect(() => parse([{ vars: { q: [`file://${file}`] }, assert: [{ type: "is-json" }] }])).toThrow(says);
      expect(() =>
        parse([{ vars, assert: [{ type: "not-contains-any", value: [`file://${file}`] }] }]),
      ).toThrow(says);
    }
  });

  it("may be a dataset of a case a line", async () => {
    const dataset = parseDataset(`tests: file://cases.jsonl`, "g.yaml", confinedFiles(folder));
    expect(dataset.cases.map(({ where }) => where)).toEqual(["cases.jsonl:1:1", "cases.jsonl:3:1"]);
    expect(() => parseDataset('{"vars":{},"assert":[]}\n{"vras":{}}', "c.jsonl")).toThrow(
      /^c\.jsonl:2:\d+: unknown key "vras"/,
    );
  });
});

describe("an answer that is rightly empty", () => {
  it("is an answer", async () => {
    await using model = await scriptedModel(() => chatAnswer(""));
    const dataset = parse([
      {
        vars,
        assert: [
          { type: "equals", value: "" },
          { type: "not-contains", value: "x" },
        ],
      },
    ]);
    const report = await evaluate({ candidate: echo, dataset, gate, providers: model.providers });
    expect(report).toMatchObject({ verdict: "pass", errors: 0 });
  });
});

describe("a prompt that renders to a list of messages", () => {
  const config = (prompt: string, vars: unknown) =>
    parsePromptfooConfig(
      JSON.stringify({
        prompts: [prompt],
        providers: ["openai:gpt-5-mini"],
        tests: [{ vars, assert: [{ type: "contains", value: "user" }] }],
      }),
      "c.json",
    );
  const roles = async (prompt: string, vars: unknown) => {
    await using model = await scriptedModel((request) => JSON.stringify(request.messages));
    const report = await evaluateConfig({ config: config(prompt, vars), gate, providers: model.providers });
    const [first] = report.results;
    return first!.broken ? first!.assertions[0]!.reason : (JSON.parse(first!.output) as unknown);
  };

  it("is sent as these messages", async () => {
    const turns = [
      { role: "user", content: "hi" },
      { role: "assistant", content: 'say "x"' },
    ];
    expect(await roles("{{ turns | tojson }}", { turns })).toEqual(turns);
    const loop =
      '[{% for t in words %}{"role": "user", "content": {{ t | tojson }}}{% if not loop.last %},{% endif %}{% endfor %}]';
    expect(await roles(loop, { words: { a: 1 } })).toEqual([{ role: "user", content: "a" }]);
    expect(
      await roles("{{ text }}", { text: "- role: system\n  content: be kind\n- role: user\n  content: hi" }),
    ).toEqual([
      { role: "system", content: "be kind" },
      { role: "user", content: "hi" },
    ]);
  });

  it("is a text where it is none, and fails where the list is broken", async () => {
    expect(await roles("[{{ q }}] is what I ask", { q: "x" })).toEqual([
      { role: "user", content: "[x] is what I ask" },
    ]);
    expect(
      await roles('[{"role": "user", "content": "{{ q }}"}{% if true %}{% endif %}]{{ q }}', { q: 'a"b' }),
    ).toMatch(/begins like a JSON list of messages and is not valid JSON/);
  });
});

describe("a table of tests that a spreadsheet has written otherwise", () => {
  it.each([
    ["q;__expected\na;b\n", /^t\.csv:1: the columns are separated by ";"; separate them by commas/],
    ["q\t__expected\na\tb\n", /separated by tabs/],
    [
      'q,r\n1,x "quoted" y\n',
      /^t\.csv:2: not valid CSV: a quote stands inside a field that does not begin with one/,
    ],
    ['q,r\n1,"x" y\n', /^t\.csv:2: not valid CSV: text stands behind the quote that closes a field/],
    ['q,r\n1,"x\n', /not valid CSV: a field begins with a quote that is never closed/],
  ])("says what is wrong: %j", (text, says) => {
    expect(() => parseDataset(text, "t.csv")).toThrow(says);
  });
});

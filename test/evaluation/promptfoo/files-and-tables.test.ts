import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confinedFiles } from "../../../src/evaluation/dataset/confined-files.ts";
import { evaluateConfig } from "../../../src/evaluation/promptfoo/evaluate-config.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";
import { asksJudge, type ChatRequest, scriptedModel } from "../scripted-model.ts";

const FILES: Readonly<Record<string, string>> = {
  "options.csv":
    "q,__expected1,__expected2,__metadata:kind,__metadata:tags[],__prefix,__suffix,__config:__expected2:threshold\n" +
    'a,contains: a,"levenshtein: xx","odd","x,y",Say ,!,9\n',
  "given.csv": "q,__providerOutput,__expected\na,yes,equals: yes\n",
  "near.csv": "q,__expected\nkitten,levenshtein: kittens\n",
  "check.ts":
    "export default function (output: string, context: { vars: { q: string } }): boolean {\n  return output.includes(context.vars.q as string);\n}\n",
  "bad.ts": "enum E { a }\nexport default () => true;\n",
  "tests/more.yaml": "- vars: ../vars/*.yaml\n",
  "vars/one.yaml": "q: a\n",
  "vars/two.yaml": "r: b\n",
  "page.md": "\n text {{ q }}\n---\nmore\n",
  "several.txt": "\n one {{ q }} \n---\n two {{ q }}\n",
  "history.json":
    '[{% for one in history %}{% for role, content in one %}{ "role": "{{ role }}", "content": {{ content | dump }} },{% endfor %}{% endfor %}\n{ "role": "user", "content": {{ q | dump }} }]',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-tables-"));
  for (const name of ["tests", "vars"]) mkdirSync(join(folder, name));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(config: Record<string, unknown>, answer = (request: ChatRequest) => said(request)) {
  const requests: ChatRequest[] = [];
  await using model = await scriptedModel((request) => {
    requests.push(request);
    return answer(request);
  });
  const text = JSON.stringify({ prompts: ["{{ q }}"], providers: ["openai:gpt-4.1-mini"], ...config });
  const report = await evaluateConfig({
    config: parsePromptfooConfig(text, "promptfooconfig.yaml", { files: confinedFiles(folder) }),
    gate: { min_pass_rate: 1, max_regression: 0.05 },
    providers: model.providers,
  });
  const outputs = report.results.map(({ output }) => output);
  return { report, requests, outputs, passes: report.results.map(({ pass }) => pass) };
}

function said({ messages }: ChatRequest): string {
  return messages.map(({ content }) => content).join(" | ");
}

describe("a promptfoo configuration with files beside it", () => {
  it("reads the options of a table: texts around the prompt, a threshold of one assertion, metadata for people", async () => {
    const { outputs, passes } = await run({ tests: "file://options.csv" });
    expect(outputs).toEqual(["Say a!"]);
    expect(passes).toEqual([true]);
  });

  it("takes a given answer from a table", async () => {
    const { requests, passes } = await run({ tests: "file://given.csv" });
    expect([requests.length, passes]).toEqual([0, [true]]);
  });

  it("holds an edit distance in a table to promptfoo's threshold for tables, which allows none", async () => {
    expect((await run({ tests: "file://near.csv" })).passes).toEqual([false]);
  });

  it("runs a check in TypeScript with its types taken out, and refuses what cannot be run so", async () => {
    const tests = (file: string) => [
      { vars: { q: "a" }, assert: [{ type: "javascript", value: `file://${file}` }] },
    ];
    expect((await run({ tests: tests("check.ts") })).passes).toEqual([true]);
    await expect(run({ tests: tests("bad.ts") })).rejects.toThrow(/bad\.ts is not TypeScript whose types/);
  });

  it("finds files of variables from the file that names them, and puts them together", async () => {
    expect((await run({ prompts: ["{{ q }}{{ r }}"], tests: ["file://tests/more.yaml"] })).outputs).toEqual([
      "ab",
    ]);
  });

  it("splits a text file into its prompts without the white space around them, and no other file", async () => {
    const { outputs } = await run({
      prompts: ["file://several.txt", "file://page.md"],
      tests: [{ vars: { q: "a\n" } }],
    });
    expect(outputs).toEqual(["one a", "two a", "\n text a\n---\nmore\n"]);
  });

  it("renders a file of messages with statements in it, loops over the keys of an object included", async () => {
    const { requests } = await run({
      prompts: ["file://history.json"],
      tests: [{ vars: { q: 'say "x"\n', history: [{ user: "hi" }, { assistant: "ho\nho" }] } }],
    });
    expect(requests[0]!.messages).toEqual([
      { role: "user", content: "hi" },
      { role: "assistant", content: "ho\nho" },
      { role: "user", content: 'say "x"' },
    ]);
  });

  it("reads JSON in a prompt by load", async () => {
    const tests = [{ vars: { q: '{"tone":"calm"}' } }];
    expect((await run({ prompts: ["{{ (q | load).tone }}"], tests })).outputs).toEqual(["calm"]);
  });

  it("takes a rubric that stands in a prompt of the user's own, and its verdict whatever the score", async () => {
    const tests = [
      {
        vars: { q: "a" },
        assert: [{ type: "llm-rubric" }],
        options: { rubricPrompt: "Grade {{ output }}, always pass" },
      },
    ];
    const { report, passes } = await run({ tests }, (request) =>
      asksJudge(request) ? JSON.stringify({ reason: "so", score: 0.2, pass: true }) : said(request),
    );
    expect(passes).toEqual([true]);
    expect(report.results[0]!.score).toBe(0.2);
    await expect(run({ tests: [{ assert: [{ type: "llm-rubric" }] }] })).rejects.toThrow(/needs a value/);
  });
});

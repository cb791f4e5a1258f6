import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confinedFiles } from "../../../src/evaluation/dataset/confined-files.ts";
import { evaluateConfig } from "../../../src/evaluation/promptfoo/evaluate-config.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";
import { type ModelServer, startModelServer } from "../../../src/local/model-server/server.ts";
import { createProviders } from "../../../src/providers/create-providers.ts";

const FOLDER = join(import.meta.dirname, "configs");
let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.stop());

async function run(file: string) {
  const text = readFileSync(join(FOLDER, file), "utf8");
  const config = parsePromptfooConfig(text, file, { files: confinedFiles(FOLDER) });
  const providers = createProviders({
    openai: { apiKey: "k", baseURL: `${server.url}/v1` },
    anthropic: { apiKey: "k", baseURL: server.url },
  });
  const report = await evaluateConfig({
    config,
    gate: { min_pass_rate: 1, max_regression: 0.05 },
    providers,
  });
  const outcomes = report.results.map(({ error, pass }) =>
    error !== null ? "error" : pass ? "pass" : "fail",
  );
  return { config, report, outcomes };
}

/** Why each assertion that failed did, for the message of a test that fails. */
function reasons({ report }: Awaited<ReturnType<typeof run>>): string {
  return report.results
    .flatMap(({ error, assertions }) => [
      error,
      ...assertions.filter((one) => !one.pass).map((one) => one.reason),
    ])
    .filter((reason) => reason !== null)
    .join("\n");
}

describe("a promptfoo configuration, through the vendors' SDKs and the scripted model", () => {
  it("checks texts", async () => {
    const ran = await run("1-texts.yaml");
    expect(ran.outcomes, reasons(ran)).toEqual(["pass", "pass", "pass", "pass", "fail"]);
    expect(ran.report).toMatchObject({ cases: 5, passed: 4, failed: 1, errors: 0, verdict: "fail" });
    expect(reasons(ran)).toContain('the answer does not contain "Adieu"');
  });

  it("checks structured answers", async () => {
    const ran = await run("2-json-and-tools.yaml");
    expect(ran.outcomes, reasons(ran)).toEqual(["pass", "fail"]);
    expect(reasons(ran)).toMatch(/must have required property 'price'/);
  });

  it("asks judges of both vendors", async () => {
    const ran = await run("3-judges.yaml");
    expect(ran.outcomes, reasons(ran)).toEqual(["pass", "fail"]);
    const paths = server.requests().map(({ path, rule }) => `${path} ${rule}`);
    expect(paths).toContain("/v1/chat/completions judge");
    expect(paths).toContain("/v1/messages judge");
  });

  it("reads tables and files, and asks as often as it says", async () => {
    const ran = await run("4-tables.yaml");
    expect(ran.config).toMatchObject({ repeats: 2, concurrency: 3 });
    expect(ran.report).toMatchObject({ cases: 8, passed: 8, repeats: 2, verdict: "pass" });
    expect(ran.outcomes).toEqual(Array(16).fill("pass"));
  });

  it("runs scripts that can do no harm", async () => {
    const ran = await run("5-scripts.yaml");
    expect(ran.outcomes, reasons(ran)).toEqual(["pass", "fail", "fail", "fail", "fail", "fail", "pass"]);
    expect(ran.report).toMatchObject({ verdict: "fail", passed: 2, failed: 5, errors: 0 });
    for (const says of [
      "took too long",
      "too much memory",
      "'process' is not defined",
      "'require' is not defined",
    ])
      expect(reasons(ran)).toContain(says);
  });

  it("takes what cases share from files, and variables that use each other", async () => {
    const ran = await run("7-shared.yaml");
    expect(ran.outcomes, reasons(ran)).toEqual(Array(8).fill("pass"));
    expect(ran.report).toMatchObject({ cases: 8, verdict: "pass", warnings: [] });
    const [bob, eve, , sets] = ran.report.results;
    expect(bob!.assertions.filter(({ metric }) => metric === "greeting")).toHaveLength(2);
    expect(eve).toMatchObject({ description: "one of two is enough", score: 0.8 });
    expect(sets!.output).toBe("Ada (calm): What is a kettle?");
    expect(sets!.assertions.find(({ metric }) => metric === "wording")).toMatchObject({
      pass: true,
      score: 0.5,
    });
    expect(ran.report.results.slice(6).map(({ output }) => output)).toEqual([
      "Ada (calm): Where is Graz?",
      "Ada (calm): Where is Wien?",
    ]);
  });

  it("crosses scenarios, and compares prompts", async () => {
    const ran = await run("6-scenarios.yaml");
    expect(ran.report.columns.map(({ label, report }) => [label, report.cases])).toEqual([
      ["openai:gpt-5-mini: short", 4],
      ["openai:gpt-5-mini: long", 4],
      ["anthropic:messages:claude-haiku-4-5: short", 4],
    ]);
    expect(ran.report.errors).toBe(0);
    for (const { report } of ran.report.columns)
      for (const result of report.results.filter(({ caseIndex }) => caseIndex % 2 === 0))
        expect(result.pass, reasons(ran)).toBe(true);
    // Of the three answers to one question two are the same, so one or two of them are the best.
    for (const caseIndex of [1, 3]) {
      const compared = ran.report.results.filter((result) => result.caseIndex === caseIndex);
      expect(compared.filter(({ pass }) => pass).length).toBeOneOf([1, 2]);
    }
  });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../../../src/local/model-server/server.ts";
import { chatAnswer, wireServer } from "../../providers/wire-server.ts";
import { runSluice } from "../run-sluice.ts";

const CONFIGS = join(import.meta.dirname, "../../evaluation/promptfoo/configs");

let server: ModelServer;
let folder: string;
beforeAll(async () => {
  server = await startModelServer();
  folder = await mkdtemp(join(tmpdir(), "sluice-eval-"));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

function evaluate(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runSluice(["eval", ...args], {
    cwd: folder,
    env: { OPENAI_BASE_URL: `${server.url}/v1`, ANTHROPIC_BASE_URL: server.url, ...env },
  });
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return name;
}

/** A prompt that the scripted model repeats the beginning of. */
function prompt(name: string, content: string, model = "openai/gpt-4.1"): Promise<string> {
  return file(
    name,
    `name: echo\nmodel: ${model}\nvariables: { word: { type: string } }\nmessages: [{ role: user, content: ${JSON.stringify(content)} }]\n`,
  );
}

function cases(count: number, expected: string): Promise<string> {
  const rows = Array.from(
    { length: count },
    (_, index) => `- { vars: { word: w${index} }, assert: [{ type: contains, value: ${expected} }] }`,
  );
  return file(`${expected}-${count}.yaml`, `${rows.join("\n")}\n`);
}

const POLICY = (gate: string) =>
  `gate: { ${gate} }\ncanary:\n  stages: [{ share: 50% }]\n  goal: { metric: rating, direction: higher, margin: 0.1 }\n`;

describe("a promptfoo configuration of several columns", () => {
  const config = join(CONFIGS, "6-scenarios.yaml");

  it("is one document, with every column in it", async () => {
    const { code, stdout, stderr } = await evaluate([config, "--json"]);
    const said = JSON.parse(stdout);
    expect(
      said.columns.map((one: { candidate: string; verdict: string }) => [one.candidate, one.verdict]),
    ).toEqual([
      ["openai:gpt-5-mini: short", "fail"],
      ["openai:gpt-5-mini: long", "pass"],
      ["anthropic:messages:claude-haiku-4-5: short", "fail"],
    ]);
    expect(said).toMatchObject({ cases: 12, passed: 8, failed: 4, verdict: "fail" });
    expect(said.results).toHaveLength(12);
    expect(said.results.at(-1).column).toBe("anthropic:messages:claude-haiku-4-5: short");
    expect(code).toBe(1);
    expect(stderr).toMatch(/together 18 calls for about \$0\.\d+\n.* of 12/);
  });

  it("writes each report with all columns", async () => {
    const files = ["--junit", "j.xml", "--output", "o.json", "--markdown", "m.md"];
    await evaluate([config, ...files]);
    const read = (name: string) => readFile(join(folder, name), "utf8");
    const junit = new XMLParser({ ignoreAttributes: false }).parse(await read("j.xml")).testsuites;
    expect(junit["@_tests"]).toBe("12");
    expect(junit.testsuite).toHaveLength(3);
    const { results } = JSON.parse(await read("o.json"));
    expect(results.prompts).toHaveLength(3);
    expect(results.stats).toMatchObject({ successes: 8, failures: 4, errors: 0 });
    expect(results.results.at(-1)).toMatchObject({
      promptIdx: 2,
      testIdx: 3,
      vars: { city: "Graz", item: "tea" },
    });
    expect((await read("m.md")).match(/^### /gm)).toHaveLength(3);
  });

  it("shows a row for each column, and why cases failed", async () => {
    const { stdout } = await evaluate([config, "--quiet"]);
    expect(stdout).toMatch(/^pass +4 +0 +0 +\$\d.\d+ +openai:gpt-5-mini: long$/m);
    expect(stdout).toMatch(/^ +2 +failed +select-best: another answer is better/m);
  });
});

it("writes the variables of each case after lists were expanded", async () => {
  const config = await file(
    "lists.yaml",
    "prompts: ['{{ word }}']\nproviders: [openai:gpt-5-mini]\ntests:\n  - { vars: { word: [a, b] }, assert: &a [{ type: javascript, value: 'true' }] }\n  - { vars: { word: c }, assert: *a }\n",
  );
  await evaluate([config, "--output", "lists.json"]);
  const { results } = JSON.parse(await readFile(join(folder, "lists.json"), "utf8"));
  expect(results.results.map(({ vars }: { vars: unknown }) => vars)).toEqual([
    { word: "a" },
    { word: "b" },
    { word: "c" },
  ]);
});

describe("before the first call", () => {
  it("says calls, cost and what the cases can detect", async () => {
    const args = [await prompt("a.yaml", "One {{ word }}"), "--dataset", await cases(5, "One")];
    const { stderr } = await evaluate([...args, "--baseline", "a.yaml"]);
    expect(stderr.split("\n")[0]).toMatch(
      /^a\.yaml: 5 cases: 10 calls for about \$.*passes about .* of the time; a fall of \d+ % is proven/,
    );
    expect((await evaluate([...args, "--quiet"])).stderr).toBe("");
  });

  it("a model without a known price is refused where there is a cap, and accepted with --prices", async () => {
    const args = [
      await prompt("own.yaml", "One {{ word }}", "openai/own-model"),
      "--dataset",
      await cases(5, "One"),
      "--max-cost",
      "1",
    ];
    const refused = await evaluate([...args, "--json"]);
    expect(JSON.parse(refused.stdout).error.message).toMatch(/price of openai\/own-model is not known/);
    expect(refused.code).toBe(2);
    await file("prices.yaml", "openai/own-model: { input: 1000, output: 1000 }\n");
    const { stdout } = await evaluate([...args, "--max-cost", "50", "--prices", "prices.yaml", "--json"]);
    expect(JSON.parse(stdout).costUsd).toBeGreaterThan(0.01);
  });
});

describe("the verdict", () => {
  it.each([
    ["passes", "One", ["--min-pass-rate", "0.5"], 0, "pass"],
    ["fails", "Two", [], 1, "fail"],
    [
      "fails where one of six cases passes, however little is asked for more",
      "w1",
      ["--min-pass-rate", "0.2"],
      1,
      "fail",
    ],
    ["cannot tell against a baseline", "One", ["--baseline", "b.yaml"], 3, "insufficient"],
  ])("%s with its exit code", async (_, expected, more, exit, verdict) => {
    const args = [await prompt("b.yaml", "One {{ word }}"), "--dataset", await cases(6, expected), ...more];
    const { code, stdout } = await evaluate([...args, "--json"]);
    expect(JSON.parse(stdout).verdict).toBe(verdict);
    expect(code).toBe(exit);
  });

  it("shows what changed against the baseline's answer", async () => {
    await prompt("before.yaml", "Take one {{ word }} now");
    await prompt("after.yaml", "Take two {{ word }} now");
    const dataset = await cases(6, "one");
    const { code, stdout } = await evaluate([
      "after.yaml",
      "--baseline",
      "before.yaml",
      "--dataset",
      dataset,
    ]);
    expect(stdout).toMatch(/^ +1 +failed +passed +contains: /m);
    expect(stdout).toContain("  Take [-one-] {+two+} w0 now");
    expect(code).toBe(1);
  });

  it("stops when nothing can change it any more, and says what that saves", async () => {
    const args = [await prompt("s.yaml", "One {{ word }}"), "--dataset", await cases(60, "Two")];
    const { code, stdout } = await evaluate([...args, "--min-pass-rate", "0.9"]);
    expect(stdout).toMatch(/^ {2}stopped early: \d+ runs were not made, which saves about \$0\.\d+$/m);
    expect(code).toBe(1);
  });

  it("keeps to --max-cost for all columns together", async () => {
    const config = await file(
      "many.yaml",
      `prompts: ['A {{ word }}', 'B {{ word }}']\nproviders: [{ id: openai:gpt-4.1, config: { max_tokens: 10 } }]\ntests:\n${Array.from({ length: 250 }, (_, at) => `  - { vars: { word: w${at} }, assert: [{ type: contains, value: w${at} }] }`).join("\n")}\n`,
    );
    const whole = JSON.parse((await evaluate([config, "--json"])).stdout);
    // Several times what is set aside for one call, so that a budget for each column would exceed it.
    const cap = whole.costUsd / 2;
    const { code, stdout } = await evaluate([config, "--max-cost", String(cap), "--json"]);
    const capped = JSON.parse(stdout);
    expect(capped.costUsd).toBeLessThanOrEqual(cap);
    expect(capped.errors).toBeGreaterThan(0);
    expect(code).toBe(3);
  });
});

describe("--quick", () => {
  it("asks the policy's cheaper model a sample, and says so", async () => {
    await prompt("q.yaml", "One {{ word }}");
    const dataset = await cases(40, "One");
    await file(
      "q.rollout.yaml",
      POLICY(`dataset: ${dataset}, quick: { model: openai/gpt-4.1-nano, cases: 8 }`),
    );
    const { stdout, stderr } = await evaluate(["q.yaml", "--policy", "q.rollout.yaml", "--quick", "--json"]);
    const said = JSON.parse(stdout);
    expect(said.quick).toEqual({ model: "openai/gpt-4.1-nano", cases: 8, of: 40 });
    expect(said).toMatchObject({ cases: 8, judge: { model: "openai/gpt-4.1-nano" } });
    expect(said.warnings.join("\n")).toMatch(/8 of the 40 cases[^]*gpt-4.1-nano is asked in place/);
    expect(stderr).toContain("quick: 8 of the 40 cases");
  });
});

describe("--temperature", () => {
  it("asks both versions at it, whatever they say, and says so", async () => {
    await using model = await wireServer(chatAnswer("One"));
    const versions = ["params: { temperature: 1 }\n", ""].map((params, at) =>
      file(
        `t${at}.yaml`,
        `name: echo\nmodel: openai/gpt-4.1\n${params}variables: { word: { type: string } }\nmessages: [{ role: user, content: "One {{ word }}" }]\n`,
      ),
    );
    const [candidate, baseline] = await Promise.all(versions);
    const dataset = ["--dataset", await cases(3, "One")];
    const ran = await evaluate(
      [candidate!, "--baseline", baseline!, ...dataset, "--temperature", "0", "--json"],
      { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: "k" },
    );
    const { warnings, cases: tested } = JSON.parse(ran.stdout);
    expect(tested).toBe(3);
    expect(warnings.join()).toContain("asked at temperature 0, in place of what the versions say");
    const asked = model.requests.map(({ body }) => JSON.parse(body).temperature);
    expect(asked).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each([
    ["t0.yaml", "3", "--temperature must be a number from 0 to 2, not 3"],
    ["t0.yaml", "warm", '--temperature must be a number, not "warm"'],
    [join(CONFIGS, "6-scenarios.yaml"), "0", "its providers say the temperature"],
  ])("is refused of %s at %s", async (subject, temperature, said) => {
    const ran = await evaluate([subject, "--temperature", temperature]);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
  });
});

describe("--allow-env", () => {
  it("opens the variables that it names, and no other", async () => {
    const config = await file(
      "env.yaml",
      "prompts: ['{{ env.TONE }} {{ word }}']\nproviders: [openai:gpt-5-mini]\ntests: [{ vars: { word: a }, assert: [{ type: contains, value: calm a }] }]\n",
    );
    const refused = await evaluate([config, "--json"], { TONE: "calm" });
    expect(JSON.parse(refused.stdout).error.message).toMatch(/env\.yaml:1:\d+: .*--allow-env TONE/);
    expect(refused.code).toBe(2);
    const allowed = await evaluate([config, "--allow-env", "TONE", "--json"], { TONE: "calm" });
    expect(JSON.parse(allowed.stdout)).toMatchObject({ passed: 1 });
    const unset = await evaluate([config, "--allow-env", "TONE"]);
    expect(unset.stderr).toContain("--allow-env TONE: this variable is not set");
  });
});

describe("what cannot be done", () => {
  it("is an endpoint that is away, with code 5", async () => {
    const args = [await prompt("c.yaml", "One {{ word }}"), "--dataset", await cases(2, "One"), "--json"];
    const { code, stdout } = await evaluate(args, { OPENAI_BASE_URL: "http://127.0.0.1:1/v1" });
    expect(JSON.parse(stdout).error.message).toContain("http://127.0.0.1:1/v1");
    expect(code).toBe(5);
  });

  it.each([
    [["--max-cost", "-1"], "--max-cost must be an amount"],
    [["--min-pass-rate", "90"], "--min-pass-rate must be a fraction from 0 to 1"],
    [["--max-regression", "x"], "--max-regression must be a number"],
    [["--prices", "none.yaml"], "none.yaml: there is no such file"],
  ])("is %j, with code 2", async (more, message) => {
    const args = [await prompt("d.yaml", "One {{ word }}"), "--dataset", await cases(2, "One"), ...more];
    const { code, stdout } = await evaluate([...args, "--json"]);
    expect(JSON.parse(stdout).error.message).toContain(message);
    expect(code).toBe(2);
  });
});

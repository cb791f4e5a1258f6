import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../../src/local/model-server/server.ts";
import { readProvidersFile } from "../../src/providers/providers-file.ts";
import { reachFindings } from "../../src/providers/reach-findings.ts";
import { runSluice } from "../cli/run-sluice.ts";

let server: ModelServer;
let folder: string;
beforeAll(async () => {
  server = await startModelServer({ requireKey: "house-key" });
  folder = await mkdtemp(join(tmpdir(), "sluice-third-vendor-"));
  await writeFile(
    join(folder, "cases.yaml"),
    "- { vars: { word: one }, assert: [{ type: contains, value: one }] }\n- { vars: { word: two }, assert: [{ type: contains, value: two }] }\n",
  );
  // The scripted endpoint refuses what chat completions do not have, so these two have to be dropped and renamed.
  await writeFile(
    join(folder, "echo.yaml"),
    `name: echo
model: housellm/gpt-4.1
params: { top_k: 5, random_seed: 7 }
variables: { word: { type: string } }
messages: [{ role: user, content: "{{ word }}" }]
`,
  );
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const entry = (more = "drops: [top_k], renames: { random_seed: seed }") =>
  `housellm: { protocol: openai-chat, base_url: "${server.url}/v1", key: HOUSE_KEY, ${more} }\n`;

async function gate(providers: string, env: Readonly<Record<string, string>> = { HOUSE_KEY: "house-key" }) {
  await writeFile(join(folder, "sluice.providers.yaml"), providers);
  const run = await runSluice(["eval", "echo.yaml", "--dataset", "cases.yaml", "--json"], {
    cwd: folder,
    env: { SLUICE_PROVIDERS: "sluice.providers.yaml", ...env },
  });
  return { ...run, said: JSON.parse(run.stdout) };
}

describe("a third vendor, by configuration alone", () => {
  it("answers a real gate, with what it drops, renames and costs", async () => {
    const prices = "prices: { gpt-4.1: { input: 1000000, output: 0 }, '*': { input: 0, output: 0 } }";
    const { code, said } = await gate(entry(`drops: [top_k], renames: { random_seed: seed }, ${prices}`));
    expect(said).toMatchObject({ verdict: "pass", passed: 2, passRate: 1 });
    // A dollar a token of input.
    expect(said.costUsd).toBeGreaterThan(1);
    expect(code).toBe(0);
  });

  it.each([
    ["top_k", "renames: { random_seed: seed }"],
    ["random_seed", "drops: [top_k]"],
  ])("is told of %s as it is written, where nothing says otherwise", async (name, more) => {
    const { said } = await gate(entry(more));
    expect(JSON.stringify(said)).toContain(name);
    expect(said.verdict).not.toBe("pass");
  });

  it("is refused by name before anything is asked where its key or itself is not there", async () => {
    const unset = await gate(entry(), {});
    expect(unset.said.error.message).toMatch(
      /housellm\/gpt-4.1: there is no API key; set HOUSE_KEY to a key/,
    );
    const unknown = await gate(entry().replace("housellm", "houselm"));
    expect(unknown.said.error.message).toMatch(
      /provider "housellm" is not one that can be called here; use openai or anthropic or houselm, or name it in the file that SLUICE_PROVIDERS names; did you mean "houselm"\?/,
    );
    expect([unset.code, unknown.code]).toEqual([2, 2]);
  });

  it("is warned about at push, where a parameter is not sent or nobody has configured it", () => {
    const artifact = { model: "housellm/gpt-4.1", params: { top_k: 5 } };
    const { providers } = readProvidersFile(entry(), "sluice.providers.yaml");
    expect(reachFindings(artifact, providers)).toMatchObject([
      { code: "param_ignored", severity: "warning", message: expect.stringContaining("top_k is not sent") },
    ]);
    expect(reachFindings(artifact)).toMatchObject([{ code: "provider_unknown", severity: "warning" }]);
    expect(reachFindings({ ...artifact, model: "openai/gpt-4.1" })).toEqual([]);
  });
});

describe("Azure, by configuration alone", () => {
  const azure = (more: string) =>
    `housellm: { protocol: azure-openai, endpoint: "${server.url}", api_version: "2026-05-01", key: HOUSE_KEY, ${more} }\n`;

  it("is asked at the address of the model's deployment, for a version of its API, with its key in its own header", async () => {
    const { code, said } = await gate(
      azure("deployments: { gpt-4.1: prod-large }, drops: [top_k], renames: { random_seed: seed }"),
    );
    expect(said).toMatchObject({ verdict: "pass", passed: 2 });
    expect(code).toBe(0);
    // The scripted endpoint has Azure's addresses for who names a version and shows the key as Azure wants it.
    expect(new Set(server.requests().map(({ model }) => model))).toContain("prod-large");
  });
});

describe("Claude by configuration alone, at a cloud or where somebody passes it on", () => {
  const cases = `- { vars: { word: hello }, assert: [{ type: contains, value: hello }, { type: llm-rubric, value: 'Says "hello".' }] }\n`;

  const name = "eu.anthropic.claude-haiku-4-5-20251001-v1:0";
  it.each([
    ["anthropic-messages, prices: { '*': { input: 1, output: 5 } }", "/v1/messages", ""],
    [
      `bedrock-anthropic, region: eu-central-1, models: { claude-haiku-4-5: "${name}" }`,
      "/model/eu.anthropic.claude-haiku-4-5-20251001-v1:0/invoke",
      "",
    ],
    [
      `vertex-anthropic, region: global, project: shop, models: { claude-haiku-4-5: "${name}" }`,
      "/v1/projects/shop/locations/global/publishers/anthropic/models/eu.anthropic.claude-haiku-4-5-20251001-v1:0:rawPredict",
      "/v1",
    ],
  ])("passes a gate that it also judges, in Anthropic's words, over %s", async (protocol, path, under) => {
    await writeFile(
      join(folder, "claude.yaml"),
      `name: claude\nmodel: cloud/claude-haiku-4-5\nvariables: { word: { type: string } }\nmessages: [{ role: system, content: Echo. }, { role: user, content: "{{ word }}" }]\n`,
    );
    await writeFile(join(folder, "claude-cases.yaml"), cases);
    await writeFile(
      join(folder, "sluice.providers.yaml"),
      `cloud: { protocol: ${protocol}, base_url: "${server.url}${under}", key: HOUSE_KEY }\n`,
    );
    const run = await runSluice(["eval", "claude.yaml", "--dataset", "claude-cases.yaml", "--json"], {
      cwd: folder,
      env: { SLUICE_PROVIDERS: "sluice.providers.yaml", HOUSE_KEY: "house-key" },
    });
    const said = JSON.parse(run.stdout);
    expect(said).toMatchObject({ verdict: "pass", passed: 1, warnings: [] });
    expect(said.costUsd).toBeGreaterThan(0);
    const asked = server.requests().filter((one) => one.path === path);
    expect(asked.map(({ rule }) => rule)).toContain("judge");
    expect(asked).toHaveLength(2);
  });
});

describe("a providers file", () => {
  const wrong = (text: string) => () => readProvidersFile(text, "sluice.providers.yaml");

  it.each([
    ["openai: { protocol: openai-chat, base_url: https://a/v1 }", /1:9: openai: this provider is built in/],
    [
      "own: { protocol: vertex, base_url: https://a/v1 }",
      /own\.protocol: must be openai-chat, anthropic-messages, azure-openai, bedrock-anthropic or vertex-anthropic/,
    ],
    ["own: { protocol: bedrock-anthropic }", /own\.region/],
    ["own: { protocol: bedrock-anthropic, region: eu.evil.com/ }", /write the cloud's name of the region/],
    ["own: { protocol: bedrock-anthropic, region: eu-central-1, project: p }", /unknown key "own\.project"/],
    ["own: { protocol: vertex-anthropic, region: global }", /own\.project/],
    ["own: { protocol: vertex-anthropic, region: global, project: a/b }", /write the id of the project/],
    [
      "own: { protocol: bedrock-anthropic, region: eu-central-1, models: { m: 'a b' } }",
      /write the name that the cloud has/,
    ],
    [
      "own: { protocol: bedrock-anthropic, region: eu-central-1, base_url: 'https://me:key@a' }",
      /without user name/,
    ],
    ["own: { protocol: azure-openai, endpoint: https://a }", /own\.api_version/],
    ["own: { protocol: azure-openai, base_url: https://a, api_version: v1 }", /base_url/],
    [
      "own: { protocol: azure-openai, endpoint: https://a, api_version: v1, deployments: { m: a/b } }",
      /a deployment's name/,
    ],
    ["own: { protocol: openai-chat, base_url: 'https://me:key@a/v1' }", /without user name/],
    ["own: { protocol: openai-chat, base_url: 'https://a/v1?key=x' }", /without user name, query/],
    ["own: { protocol: openai-chat, base_url: https://a/v1, key: sk-12345 }", /not the key/],
    ["own: { protocol: openai-chat, base_url: https://a/v1, drop: [seed] }", /unknown key "own\.drop"/],
    ["own: { protocol: openai-chat, base_url: https://a/v1, drops: [messages] }", /always sent/],
  ])("is refused in one line that names what and where: %s", (text, says) => {
    expect(wrong(text)).toThrow(says);
  });

  it("knows where a cloud serves a region", () => {
    const urls = (text: string) =>
      Object.values(readProvidersFile(text, "sluice.providers.yaml").providers).map(({ baseURL }) => baseURL);
    const vertex = (region: string) => `own: { protocol: vertex-anthropic, project: p, region: ${region} }`;
    expect(urls("own: { protocol: bedrock-anthropic, region: eu-central-1 }")).toEqual([
      "https://bedrock-runtime.eu-central-1.amazonaws.com",
    ]);
    expect(["europe-west1", "global", "eu"].flatMap((region) => urls(vertex(region)))).toEqual([
      "https://europe-west1-aiplatform.googleapis.com/v1",
      "https://aiplatform.googleapis.com/v1",
      "https://aiplatform.eu.rep.googleapis.com/v1",
    ]);
  });
});

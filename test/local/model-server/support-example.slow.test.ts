import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";
import { readPromptFile } from "../../../src/domain/prompt/prompt-file.ts";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";
import { type ModelServer, startModelServer } from "../../../src/local/model-server/server.ts";
import { createProviders } from "../../../src/providers/create-providers.ts";

const read = (name: string) =>
  readFileSync(new URL(`../../../examples/support-reply/${name}`, import.meta.url), "utf8");
const artifact = (name: string) => readPromptFile(read(name), name).artifact;

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.stop());

function gate(candidate: string, baseline?: string) {
  const policy = readPolicyFile(read("support-reply.rollout.yaml"), "support-reply.rollout.yaml");
  return evaluate({
    candidate: artifact(candidate),
    baseline: baseline === undefined ? undefined : artifact(baseline),
    dataset: parseDataset(read(policy.gate!.dataset), policy.gate!.dataset),
    gate: policy.gate!,
    providers: createProviders({ openai: { apiKey: "local", baseURL: `${server.url}/v1` } }),
  });
}

describe("the example that the demo rolls out", () => {
  it("is four versions of one prompt, with one policy", () => {
    const files = ["support-reply.yaml", "better.yaml", "worse.yaml", "broken.yaml"].map((name) =>
      readPromptFile(read(name), name),
    );
    expect(new Set(files.map((file) => file.name))).toEqual(new Set(["support-reply"]));
    expect(new Set(files.map((file) => file.policy))).toEqual(new Set(["support-reply.rollout.yaml"]));
    expect(new Set(files.map((file) => JSON.stringify(file.artifact))).size).toBe(4);
  });

  it("starts with a version that passes the gate by itself", async () => {
    expect(await gate("support-reply.yaml")).toMatchObject({ passRate: 1, errors: 0, verdict: "pass" });
  });

  it.each([
    ["better.yaml", "support-reply.yaml"],
    ["worse.yaml", "better.yaml"],
  ])("lets %s past the gate: against %s it gets nothing wrong", async (candidate, baseline) => {
    const report = await gate(candidate, baseline);
    expect(report).toMatchObject({ passRate: 1, baselinePassRate: 1, errors: 0 });
    expect(report.verdict).not.toBe("fail");
  });

  it("stops the one that forgets the format at the gate", async () => {
    const report = await gate("broken.yaml", "better.yaml");
    expect(report).toMatchObject({ verdict: "fail", passRate: 0, errors: 0 });
    expect(
      report.results
        .find((result) => result.pass === false)
        ?.assertions.map((one) => one.reason)
        .join(),
    ).toMatch(/JSON/i);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { createProviders } from "../../src/providers/create-providers.ts";
import { loadPromptFile } from "../../src/templates/load-prompt-file.ts";
import { codeBlocks, readPage } from "./markdown.ts";

const README = readPage("README.md");
let server: Awaited<ReturnType<typeof startModelServer>>;

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.stop());

describe("the README's tour, on the model server that dev runs", () => {
  it("has a first version that passes the gate", async () => {
    expect(await gateOf(prompt())).toMatchObject({ verdict: "pass" });
  });

  it("changes it into a second version that passes beside the first", async () => {
    const [, from, to] = /sed -i\.bak 's\/(.+?)\/(.+?)\/' refund-help\.yaml/.exec(README)!;
    const changed = prompt([from!.replace("\\.", "."), to!]);
    expect(changed).not.toEqual(prompt());
    expect(await gateOf(changed, prompt())).toMatchObject({ verdict: "insufficient", looks: "fine" });
  });

  it("names a version that the gate stops", async () => {
    expect(README).toContain("`You chat about {{ product }}.`");
    const forgetful = prompt(["You answer questions about", "You chat about"]);
    expect(await gateOf(forgetful, prompt())).toMatchObject({ verdict: "fail" });
  });
});

function file(name: string): string {
  return codeBlocks("README.md").find((block) => block.file === name)!.text;
}

function prompt([from, to]: readonly [string, string] = ["", ""]): Artifact {
  return loadPromptFile(file("refund-help.yaml").replace(from, to), "refund-help.yaml").artifact;
}

function gateOf(candidate: Artifact, baseline?: Artifact) {
  return evaluate({
    candidate,
    ...(baseline && { baseline }),
    dataset: parseDataset(file("refund-help.golden.yaml"), "refund-help.golden.yaml"),
    gate: readPolicyFile(file("refund-help.rollout.yaml"), "refund-help.rollout.yaml").gate!,
    providers: createProviders({ openai: { apiKey: "local", baseURL: `${server.url}/v1` } }),
  });
}

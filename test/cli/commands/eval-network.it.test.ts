import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatAnswer, text, wireServer, type WireServer } from "../../providers/wire-server.ts";
import { runSluice } from "../run-sluice.ts";

/** The user's own endpoint and another one; each says who it is. */
let own: WireServer;
let other: WireServer;
let folder: string;
beforeAll(async () => {
  own = await wireServer(chatAnswer("own"));
  other = await wireServer(chatAnswer("other"));
  folder = await mkdtemp(join(tmpdir(), "sluice-network-"));
});
afterAll(async () => {
  await own[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Everything that the other endpoint was sent, as one text. */
const told = (server: WireServer) => JSON.stringify(server.requests);
const hostOf = (server: WireServer) => new URL(server.url).host;

async function evaluate(
  providers: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  assertion = "type: javascript, value: 'true'",
) {
  own.requests.length = 0;
  other.requests.length = 0;
  await writeFile(
    join(folder, "c.yaml"),
    `prompts: [hello]\nproviders: ${providers}\ntests: [{ assert: [{ ${assertion} }] }]\n`,
  );
  const ran = await runSluice(["eval", "c.yaml", "--json", ...args], {
    cwd: folder,
    env: {
      OPENAI_BASE_URL: `${own.url}/v1`,
      OPENAI_API_KEY: "my-own-key",
      OPENAI_CUSTOM_HEADERS: "X-Team: my-secret-team",
      OPENAI_ORG_ID: "my-organisation",
      ...env,
    },
  });
  return { ...ran, said: JSON.parse(ran.stdout) };
}

const elsewhere = (more = "") => `[{ id: openai:m, config: { apiBaseUrl: '${other.url}/v1'${more} } }]`;

describe("a configuration that names another host", () => {
  it("is refused, naming the option, and nobody is asked", async () => {
    const { code, said } = await evaluate(elsewhere());
    expect(said.error.message).toContain(`c.yaml:2:13: the provider is to be asked at ${hostOf(other)}`);
    expect(said.error.message).toContain(`--allow-network ${hostOf(other)}`);
    expect(code).toBe(2);
    expect([...own.requests, ...other.requests]).toEqual([]);
  });

  it("is run against it when it was allowed, and it learns nothing of the user", async () => {
    const { said } = await evaluate(elsewhere(), ["--allow-network", hostOf(other)]);
    expect(said.results).toMatchObject([{ output: "other", pass: true }]);
    expect(own.requests).toEqual([]);
    expect(other.requests).toHaveLength(1);
    expect(other.requests[0]!.headers.authorization).toBeUndefined();
    expect(told(other)).not.toMatch(/my-/);
  });

  it("gives it the key that the configuration names, from a variable that was allowed", async () => {
    const args = ["--allow-network", "127.0.0.1", "--allow-env", "OTHER_KEY"];
    const { said } = await evaluate(elsewhere(", apiKey: '{{ env.OTHER_KEY }}'"), args, {
      OTHER_KEY: "sesame",
      OPENAI_CUSTOM_HEADERS: "Authorization: Bearer my-gateway",
    });
    expect(said.passed).toBe(1);
    expect(other.requests[0]!.headers.authorization).toBe("Bearer sesame");
    expect(told(other)).not.toMatch(/my-/);
  });

  it("asks each provider where it is, and judges at the user's own", async () => {
    const providers = `[openai:m, { id: openai:m, label: there, config: { apiBaseUrl: '${other.url}/v1' } }]`;
    const { said } = await evaluate(
      providers,
      ["--allow-network", "127.0.0.1"],
      {},
      "type: llm-rubric, value: polite, provider: openai:judge",
    );
    expect(said.results.map((one: { output: string }) => one.output)).toEqual(["own", "other"]);
    const models = (server: WireServer) => server.requests.map(({ body }) => JSON.parse(body).model);
    expect(models(other)).toEqual(["m"]);
    expect(models(own)).toEqual(expect.arrayContaining(["m", "judge", "judge"]));
    expect(own.requests[0]!.headers.authorization).toBe("Bearer my-own-key");
  });

  it("does not reach a third by a redirect, nor does the user's own endpoint", async () => {
    await using third = await wireServer(chatAnswer("third"));
    for (const status of [301, 302, 303, 307, 308]) {
      await using first = await wireServer(
        text(status, "", { location: `${third.url}/v1/chat/completions` }),
      );
      const config = `[{ id: openai:m, config: { apiBaseUrl: '${first.url}/v1' } }]`;
      const foreign = await evaluate(config, ["--allow-network", hostOf(first)]);
      expect(foreign.said.error.message).toContain(`a redirect to ${third.url}, which is not followed`);
      const mine = await evaluate("[openai:m]", [], { OPENAI_BASE_URL: `${first.url}/v1` });
      expect(mine.said.error.message).toMatch(/which is not followed; .*OPENAI_BASE_URL$/);
      expect([foreign.code, mine.code]).toEqual([2, 2]);
      expect(first.requests).toHaveLength(2);
    }
    expect(third.requests).toEqual([]);
  });

  it("is not needed for the user's own address, which gets the user's key", async () => {
    const { said } = await evaluate(`[{ id: openai:m, config: { apiBaseUrl: '${own.url}/v1/' } }]`);
    expect(said.passed).toBe(1);
    expect(own.requests[0]!.headers.authorization).toBe("Bearer my-own-key");
  });
});

it("--allow-network takes hosts alone", async () => {
  const { code, said } = await evaluate("[openai:m]", ["--allow-network", "https://x.example/v1"]);
  expect(said.error.message).toContain("--allow-network https://x.example/v1: write a host, such as");
  expect(code).toBe(2);
});

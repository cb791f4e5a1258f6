import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { configureProviders, type ProviderOverrides } from "../../src/use-cases/configure-providers.ts";
import { runSluice } from "../cli/run-sluice.ts";
import { chatAnswer, messageAnswer, wireServer } from "../providers/wire-server.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-providers-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

const OPENAI = { provider: "openai" as const, model: "own" };
const CLAUDE = { provider: "anthropic" as const, model: "own" };

type Counts = Record<"openai" | "anthropic", number>;

/**
 * The most calls in flight that a server saw when twelve were asked of each vendor. It answers none before
 * `expected` of them are there, and then gives one more the time to come.
 */
async function mostAtOnce(
  env: Readonly<Record<string, string>>,
  expected: Counts,
  overrides: ProviderOverrides = {},
) {
  const most: Counts = { openai: 0, anthropic: 0 };
  const now: Counts = { openai: 0, anthropic: 0 };
  const full = { openai: Promise.withResolvers<void>(), anthropic: Promise.withResolvers<void>() };
  await using server = await wireServer((response, request, body) => {
    const vendor = request.url === "/v1/messages" ? "anthropic" : "openai";
    now[vendor] += 1;
    most[vendor] = Math.max(most[vendor], now[vendor]);
    if (now[vendor] === expected[vendor]) full[vendor].resolve();
    const answer = vendor === "openai" ? chatAnswer("hi") : messageAnswer([{ type: "text", text: "hi" }]);
    void full[vendor].promise
      .then(() => delay(20))
      .then(() => {
        now[vendor] -= 1;
        answer(response, request, body);
      });
  });
  const urls = { OPENAI_BASE_URL: `${server.url}/v1`, ANTHROPIC_BASE_URL: server.url };
  const providers = await configureProviders(readConfig({ ...urls, ...env }, folder), overrides);
  const request = { messages: [{ role: "user", content: "hello" }], max_tokens: 10 };
  const targets = Array.from({ length: 12 }, () => [OPENAI, CLAUDE]).flat();
  await Promise.all(targets.map((target) => providers.complete({ target, request })));
  return { ...most, pool: providers.concurrency };
}

describe("the models as the environment says", () => {
  it("are asked so many times at once, each vendor its own number", async () => {
    const usual = { openai: 8, anthropic: 8 };
    expect(await mostAtOnce({}, usual)).toEqual({ ...usual, pool: 8 });
    const env = { SLUICE_OPENAI_CONCURRENCY: "2", SLUICE_ANTHROPIC_CONCURRENCY: "11" };
    const own = { openai: 2, anthropic: 11 };
    expect(await mostAtOnce(env, own)).toEqual({ ...own, pool: 11 });
    const some = { openai: 2, anthropic: 10 };
    const overridden = await mostAtOnce({ SLUICE_OPENAI_CONCURRENCY: "2" }, some, { concurrency: 10 });
    expect(overridden).toEqual({ ...some, pool: 10 });
  });

  it("have the prices of a file beside the list prices", async () => {
    const pricesFile = await file("prices.yaml", "openai/own: { input: 1, output: 2 }\n");
    const config = readConfig({ SLUICE_PRICES: pricesFile }, folder);
    const providers = await configureProviders(config);
    expect(providers.priceOf(OPENAI)).toEqual({ input: 1, output: 2 });
    expect(providers.priceOf({ provider: "openai", model: "gpt-5-mini-2025-08-07" })).toBeDefined();
    const other = await file("other.yaml", "openai/own: { input: 3, output: 4 }\n");
    const overridden = await configureProviders(config, { pricesFile: other });
    expect(overridden.priceOf(OPENAI)).toEqual({ input: 3, output: 4 });
  });

  it.each([
    ["gpt-5: { input: 1, output: 2 }", /1:8: gpt-5: write a model as openai\/MODEL/],
    ["openai/own: { input: 1 }", /1:1\d?: .*output/],
    ["openai/own: { input: -1, output: 2 }", /a price is 0 or more/],
    ["openai/own: { input: 1, output: 2, cached: 3 }", /unknown key "openai\/own\.cached"/],
  ])("are refused with prices like %s", async (text, says) => {
    const pricesFile = await file("wrong.yaml", text);
    await expect(configureProviders(readConfig({ SLUICE_PRICES: pricesFile }, folder))).rejects.toThrow(says);
  });
});

it("a worker does not start with prices or numbers that are not valid", async () => {
  const env = { DATABASE_URL: "postgres://127.0.0.1:1/none" };
  const prices = await runSluice(["worker"], { env: { ...env, SLUICE_PRICES: join(folder, "none.yaml") } });
  expect(prices.stderr).toMatch(/none\.yaml: there is no such file; name a prices file/);
  const calls = await runSluice(["worker"], { env: { ...env, SLUICE_OPENAI_CONCURRENCY: "lots" } });
  expect(calls.stderr).toContain(
    'SLUICE_OPENAI_CONCURRENCY must be a number of calls from 1 to 1000, not "lots"',
  );
  expect([prices.code, calls.code]).toEqual([2, 2]);
});

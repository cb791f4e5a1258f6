import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../../src/local/model-server/server.ts";
import { LIST_PRICES } from "../../src/providers/prices.ts";
import { createProviders } from "../../src/providers/create-providers.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

const KEY = "sk-proj-the-server-alone-knows-this-one";
const FILE = {
  model: "openai/gpt-5.4-mini",
  params: { max_tokens: 200 },
  variables: { question: { type: "string", required: true, untrusted: true } },
  messages: [
    { role: "system", content: "You answer questions about refunds: within 30 days." },
    { role: "user", content: "{{ question }}" },
  ],
};
const QUESTION = { question: "Can I get a refund?" };
const CAP = 0.05;
const BUSY = "openai/gpt-5.4-mini+error-rate=1+faults=429";
const SLOW = "openai/gpt-5.4-mini+latency=600000";

let models: ModelServer;
let bench: ServerBench;
let bea: string;
beforeAll(async () => {
  models = await startModelServer({ latencyMs: 0 });
  const providers = createProviders({
    openai: { apiKey: KEY, baseURL: `${models.url}/v1` },
    anthropic: { apiKey: "", baseURL: models.url },
    prices: { ...LIST_PRICES, [BUSY]: { input: 1, output: 1 }, [SLOW]: { input: 1, output: 1 } },
  });
  bench = await openServer({
    limits: { write: 1_000, read: 1_000 },
    models: async () => providers,
    playgroundUsd: CAP,
  });
  bea = await bench.key({ role: "editor", owner: "bea" });
  const pushed = await call(bench.server.url, "POST /v1/prompts/refunds/versions", {
    key: bea,
    body: { file: FILE },
  });
  expect(pushed.status).toBe(201);
});
afterAll(() => Promise.all([bench?.close(), models?.stop()]));

interface Told {
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

const start = (body: object, key = bea, signal?: AbortSignal) =>
  fetch(`${bench.server.url}/v1/playground/runs`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ prompt: "refunds", values: QUESTION, ...body }),
    ...(signal && { signal }),
  });

async function run(body: object, key = bea): Promise<Told[]> {
  const response = await start(body, key);
  expect(response.status).toBe(200);
  return (await response.text()).split("\n\n").flatMap((block) => {
    const [, event = "", data = ""] = /^event: (\w+)\ndata: (.*)$/m.exec(block) ?? [];
    return event === "" ? [] : [{ event, data: JSON.parse(data) }];
  });
}
const textOf = (told: readonly Told[]) =>
  told.flatMap(({ event, data }) => (event === "text" ? [data.text] : [])).join("");
const budget = async (key = bea) =>
  (await call(bench.server.url, "GET /v1/playground?prompt=refunds", { key })).body.budget;
const newcomer = (owner: string) => bench.key({ role: "editor", owner });

describe("the playground", () => {
  it("tells an answer as it comes, of a version and of what is being written, and what it took", async () => {
    const before = await budget();
    const told = await run({ version: 1 });
    expect(told[0]).toMatchObject({ event: "start", data: { model: FILE.model } });
    expect(told.filter(({ event }) => event === "text").length).toBeGreaterThan(1);
    expect(textOf(told)).toContain("30 days");
    const { data: end } = told.at(-1)!;
    expect(told.at(-1)).toMatchObject({ event: "end", data: { finishReason: "stop", toolCalls: [] } });
    const after = await budget();
    expect(after.spentUsd - before.spentUsd).toBeCloseTo(end.costUsd, 9);
    expect(after.reservedUsd).toBe(0);
    const written = { ...FILE, messages: [{ role: "user", content: "Repeat: {{ question }}" }] };
    const other = await run({ file: written, model: "openai/gpt-5.4", values: { ...QUESTION, more: 1 } });
    expect(other.at(-1)).toMatchObject({ event: "end", data: { model: "openai/gpt-5.4" } });
    const asked = models.requests().at(-1)!;
    expect(JSON.stringify(asked)).toContain("gpt-5.4");
    // The key of the server is no part of anything that is told.
    expect(JSON.stringify([told, other])).not.toContain(KEY);
  });

  it("refuses before it begins what cannot be asked, and in the stream what no model answers", async () => {
    const refused = async (body: object) => {
      const response = await start(body);
      const { error } = (await response.json()) as { error: { message: string } };
      return [response.status, error.message] as const;
    };
    expect(await refused({ version: 1, values: {} })).toEqual([400, expect.stringContaining("question")]);
    expect(await refused({ version: 9 })).toEqual([404, expect.any(String)]);
    expect(await refused({})).toEqual([400, expect.stringContaining("version or file")]);
    expect(await refused({ version: 1, file: FILE })).toEqual([400, expect.any(String)]);
    const secret = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");
    const leaking = { ...FILE, messages: [{ role: "user", content: `Our token is ${secret}` }] };
    const [status, message] = await refused({ file: leaking });
    expect([status, message]).toEqual([400, expect.stringContaining("secret")]);
    expect(message).not.toContain(secret);
    const kindOf = async (body: object) => (await run(body)).at(-1);
    // A price that nobody knows cannot be kept within a budget.
    expect(await kindOf({ version: 1, model: "openai/unheard-of" })).toMatchObject({
      event: "error",
      data: { details: { kind: "no_price" } },
    });
    expect(await kindOf({ version: 1, model: BUSY })).toMatchObject({
      event: "error",
      data: { code: "unavailable", details: { kind: "rate_limit" } },
    });
    const seen = await bench.key({ role: "editor", owner: "cut", grants: { prompts: ["other/"] } });
    expect((await start({ version: 1 }, seen)).status).toBe(404);
    const including = { ...FILE, messages: [{ include: "refunds@1" }, ...FILE.messages.slice(1)] };
    expect((await start({ prompt: "other/one", file: including }, seen)).status).toBe(404);
  });

  it("spends no more than a person's day has, whoever asks at once, and says what is left", async () => {
    const key = await newcomer("spender");
    const dear = { file: { ...FILE, params: { max_tokens: 4_000 } } };
    const all = await Promise.all(Array.from({ length: 8 }, () => run(dear, key)));
    const endings = all.map((told) => told.at(-1)!);
    const over = endings.filter(({ event }) => event === "error");
    expect(over.length).toBeGreaterThan(0);
    expect(over.length).toBeLessThan(8);
    for (const { data } of over) {
      expect(data).toMatchObject({ code: "forbidden", details: { kind: "budget", capUsd: CAP } });
      expect(data.message).toMatch(/\$0\.05 a day .*SLUICE_PLAYGROUND_USD/);
    }
    const { spentUsd, reservedUsd } = await budget(key);
    expect(spentUsd).toBeLessThanOrEqual(CAP);
    expect(reservedUsd).toBe(0);
    // Another key of the same person has no other day.
    expect((await budget(await newcomer("spender"))).spentUsd).toBe(spentUsd);
    // Yesterday's is not today's.
    await bench.store.query(
      `update sluice.daily_spending set day = day - 1, spent_usd = ${CAP} where account = 'owner/spender'`,
    );
    expect((await run(dear, key)).at(-1)?.event).toBe("end");
  });

  it("ends the call when whoever asked has gone, and counts what it may have cost", async () => {
    const key = await newcomer("leaver");
    const gone = new AbortController();
    expect((await start({ version: 1, model: SLOW }, key, gone.signal)).status).toBe(200);
    await eventually("money set aside", async () => (await budget(key)).reservedUsd > 0, 30_000);
    gone.abort();
    await eventually("it was settled", async () => (await budget(key)).reservedUsd === 0, 30_000);
    expect((await budget(key)).spentUsd).toBeGreaterThan(0);
  });
});

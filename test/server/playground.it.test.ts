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
    invokeUsd: CAP,
  });
  bea = await bench.key({ role: "editor", owner: "bea" });
  const pushed = await call(bench.server.url, "POST /v1/prompts/refunds/versions", {
    key: bea,
    body: { file: FILE },
  });
  if (pushed.status !== 201) throw new Error(JSON.stringify(pushed.body));
});
afterAll(() => Promise.all([bench?.close(), models?.stop()]));

interface Told {
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

const start = (body: object, key = bea, signal?: AbortSignal, what = "runs") =>
  fetch(`${bench.server.url}/v1/playground/${what}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ prompt: "refunds", ...(what === "runs" && { values: QUESTION }), ...body }),
    ...(signal && { signal }),
  });

async function run(body: object, key = bea, what?: string): Promise<Told[]> {
  const response = await start(body, key, undefined, what);
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

/** Twelve, of which the last asks for what only some texts say. */
const CASES = Array.from({ length: 12 }, (_, at) => ({
  description: `case ${at + 1}`,
  vars: { question: `Can I get a refund for order ${at}?` },
  assert: at === 11 ? [{ type: "is-json" }] : [{ type: "contains", value: "30 days" }],
}));
const POLICY = {
  metrics: { rating: { window: "1h" } },
  gate: { dataset: "cases.yaml", repeats: 1 },
  canary: { stages: [{ share: "50%" }], goal: { metric: "rating", direction: "higher", margin: 0.5 } },
};

describe("the tests of what is being written", () => {
  it("are a sample or all of the prompt's cases, asked of it and of what is live, told as they come and kept nowhere", async () => {
    const prompt = "tested";
    const ann = await bench.key({ role: "admin", owner: "ann" });
    const ask = (request: string, body?: object) => call(bench.server.url, request, { key: ann, body });
    const body = { file: FILE, policy: POLICY, dataset: CASES };
    expect((await ask("POST /v1/prompts/tested/versions", body)).status).toBe(201);
    const { version_id: served } = (
      await bench.store.query("select id as version_id from sluice.versions where prompt = 'tested'")
    )[0]!;
    await bench.store.query(
      `insert into sluice.pointers (label, prompt, active_version) values ('production', 'tested', '${served}')`,
    );
    const file = {
      ...FILE,
      messages: [{ role: "system", content: "Talk about the weather." }, FILE.messages[1]],
    };
    const key = await newcomer("tester");
    const sample = await run({ prompt, file }, key, "tests");
    expect(sample[0]).toEqual({ event: "start", data: { answers: 20, cases: 10 } });
    const told = await run({ prompt, file, whole: true }, key, "tests");
    expect(told[0]).toEqual({ event: "start", data: { answers: 24, cases: 12 } });
    const done = told.flatMap(({ event, data }) => (event === "progress" ? [data.done] : []));
    expect(done).toEqual(Array.from({ length: 24 }, (_, at) => at + 1));
    const { event, data } = told.at(-1)!;
    expect(event).toBe("end");
    expect(data).toMatchObject({ baseline: "tested@1", tests: { verdict: "fail", cases: 12, looks: null } });
    // Those that got worse come first, with what both answered and what was checked.
    expect(data.cases[0]).toMatchObject({
      loss: 1,
      candidate: [{ pass: false }],
      baseline: [{ pass: true }],
    });
    expect(data.cases.at(-1)).toMatchObject({ loss: 0 });
    expect((await budget(key)).spentUsd).toBeGreaterThan(data.costUsd);
    expect(await bench.store.query("select 1 from sluice.evaluations")).toEqual([]);
    const without = await start({ prompt: "refunds", file }, key, undefined, "tests");
    expect(without.status).toBe(400);
    expect(await without.text()).toContain("refunds has no test cases");
  });
});

describe("a service that has the server ask its model", () => {
  const asked = (path: string, key: string, body: object = {}) =>
    call(bench.server.url, `POST ${path}`, {
      key,
      body: { prompt: "refunds", unit: "ada", variables: QUESTION, ...body },
    });
  let service: string;
  beforeAll(async () => {
    service = await bench.key({ role: "resolver", owner: "shop" });
    const [version] = await bench.store.query(
      "select id from sluice.versions where prompt = 'refunds' and number = 1",
    );
    const scope = { label: "production", prompt: "refunds" };
    await bench.store.movePointer(scope, { active_version: version.id as string });
  });

  it("gets the answer of what is live, whole and as it comes, each an outcome of its unit", async () => {
    const { status, body } = await asked("/v1/invoke", service);
    expect(status).toBe(200);
    expect(body).toMatchObject({ prompt: "refunds", version: 1, arm: "unenrolled", finishReason: "stop" });
    expect(body.text).toContain("30 days");
    const response = await fetch(`${bench.server.url}/v1/invoke/stream`, {
      method: "POST",
      headers: { authorization: `Bearer ${service}`, "content-type": "application/json" },
      body: JSON.stringify({ prompt: "refunds", unit: "ada", variables: QUESTION }),
    });
    const told = await response.text();
    const pieces = [...told.matchAll(/^event: text\ndata: (.*)$/gm)].map(
      ([, data]) => (JSON.parse(data!) as { text: string }).text,
    );
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe(body.text);
    expect(told).toMatch(/event: end\ndata: \{.*"outcomeId"/);
    const outcomes = () => bench.store.query("select metrics from sluice.outcomes");
    await eventually("both outcomes are there", async () => (await outcomes()).length === 2);
    for (const { metrics } of await outcomes())
      expect(metrics).toMatchObject({
        error: 0,
        cost_usd: body.costUsd,
        output_tokens: body.usage.outputTokens,
      });
  });

  it("is refused what its key may not see, what is not there, and more than its owner may spend", async () => {
    const narrow = await bench.key({ role: "resolver", grants: { prompts: ["other"] } });
    expect((await asked("/v1/invoke", narrow)).status).toBe(404);
    expect((await asked("/v1/invoke", service, { prompt: "nothing" })).status).toBe(404);
    expect((await asked("/v1/invoke", service, { variables: {} })).status).toBe(400);
    const dear = { fallbacks: false, variables: { question: "Why? ".repeat(20_000) } };
    expect(await asked("/v1/invoke", service, dear)).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringContaining("SLUICE_INVOKE_USD") as string } },
    });
  });
});

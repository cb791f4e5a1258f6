import { gzipSync } from "node:zlib";
import { Langfuse, LangfuseWeb } from "langfuse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unitDigest } from "../../../src/digest.ts";
import { startServer } from "../../../src/server/start-server.ts";
import { createResolver } from "../../../src/resolver/index.ts";
import { json, type WireServer, wireServer } from "../../providers/wire-server.ts";
import { call } from "../support/checked-call.ts";
import type { ServerBench } from "../support/server-bench.ts";
import { openLangfuseCanary, PROMPT, type LangfuseCanary } from "./support/langfuse-canary.ts";
import { langfuseService, type LangfuseService } from "./support/langfuse-service.ts";

let canary: LangfuseCanary;
let bench: ServerBench;
let key: string;
let rollout: string;
let service: LangfuseService;
/** Stands for the Langfuse that reports are passed on to. */
let further: WireServer;
const FURTHER = { publicKey: "pk-further", secretKey: "sk-further" };

beforeAll(async () => {
  further = await wireServer(json(503, {}), json(207, {}));
  const langfuseForward = { base: further.url, ...FURTHER };
  canary = await openLangfuseCanary({ langfuseHoldMs: 600_000, langfuseForward });
  ({ bench, rollout } = canary);
  key = await bench.key();
  service = langfuseService(bench.server.url, key);
});
afterAll(async () => {
  await service.close();
  await canary.close();
  await further[Symbol.asyncDispose]();
});

const armsSeen = () => canary.arms();
const outcomes = (where: string, values: readonly unknown[] = []) => canary.outcomes(where, values);
const intake = (of = key) => canary.intake(of);
const post = (path: string, body: unknown, of = key) =>
  call(bench.server.url, `POST ${path}`, { key: of, body });
const ingest = (...batch: object[]) =>
  post("/api/public/ingestion", {
    batch: batch.map((one, i) => ({ id: `event-${i}`, timestamp: new Date().toISOString(), ...one })),
  });
const carried = (letter: string, more = "") => `${PROMPT}~${rollout.slice(0, 8)}${more}.${letter}.1`;

/** Of one span, as an exporter sends it. */
function spans(...given: { id: string; attributes: Record<string, string | number>; trace?: string }[]) {
  const at = Date.now();
  return {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: given.map(({ id, attributes, trace = "a".repeat(32) }) => ({
              traceId: trace,
              spanId: id.padStart(16, "0"),
              startTimeUnixNano: `${at - 500}000000`,
              endTimeUnixNano: `${at}000000`,
              attributes: Object.entries(attributes).map(([name, value]) => ({
                key: name,
                value: typeof value === "string" ? { stringValue: value } : { intValue: value },
              })),
              status: {},
            })),
          },
        ],
      },
    ],
  };
}

describe("what Langfuse's clients report", () => {
  it("is of the arm that each user's cell was served, with scores from before and after, each once", async () => {
    const users = Array.from({ length: 40 }, (_, i) => `user-${i}`);
    const answered = await Promise.all(users.map((user) => service.answer(PROMPT, user)));
    const score = (i: number) => {
      const { trace, observation } = answered[i]!;
      const whole = i % 2 === 0 ? {} : { observationId: observation };
      service.client.score.create({
        id: `score-${i}`,
        traceId: trace,
        ...whole,
        name: "rating",
        value: i % 5,
      });
    };
    // Half of the scores overtake the traces.
    for (let i = 0; i < 20; i++) score(i);
    await service.client.score.flush();
    await service.flushTraces();
    for (let i = 0; i < 40; i++) score(i);
    // A flush that finds another one under way is that one.
    await expect
      .poll(async () => service.client.score.flush().then(() => intake()))
      .toEqual({ generation: 40, score: 40 });

    const enrolled = answered.flatMap(({ arm }, i) =>
      arm === "n" ? [] : [[unitDigest("", users[i]!), arm === "c" ? "candidate" : "control"]],
    );
    expect(enrolled.length).toBeGreaterThan(5);
    expect(await armsSeen()).toEqual(Object.fromEntries(enrolled));
    const joined = await outcomes("rollout_id = $1 and status = 'joined'", [rollout]);
    expect(joined).toHaveLength(2 * enrolled.length);
    expect(joined.filter(({ metrics }) => "rating" in metrics)).toHaveLength(enrolled.length);
    expect(joined.find(({ metrics }) => "latency_ms" in metrics)!.metrics).toMatchObject({
      input_tokens: 10,
      output_tokens: 5,
      error: false,
      latency_ms: expect.any(Number),
    });
    expect(await outcomes("rollout_id is null")).toHaveLength(2 * (40 - enrolled.length));
  });

  it("comes from the client of before as well: the end in an update, the user on the trace", async () => {
    const older = new Langfuse({
      baseUrl: bench.server.url,
      secretKey: key,
      publicKey: key.slice(0, key.indexOf("_", 4)),
    });
    const prompt = await older.getPrompt(PROMPT, undefined, { type: "chat", label: "production~~10" });
    const [, , letter] = /~(\w+)\.([ckn])\./.exec(prompt.name)!;
    const trace = older.trace({ name: "chat", userId: "older-user" });
    const generation = trace.generation({ name: "answer", prompt });
    await older.flushAsync();
    expect(await armsSeen()).not.toHaveProperty(unitDigest("", "older-user"));
    generation.end({ usage: { input: 7, output: 3 }, level: "ERROR" });
    generation.score({ name: "thumbs", value: 1, comment: "Thanks" });
    await older.shutdownAsync();
    const rows = await outcomes("metrics @> '{\"input_tokens\": 7}' or feedback = 'Thanks'");
    expect(rows).toHaveLength(2);
    expect(rows.find(({ feedback }) => feedback === null)!.metrics).toMatchObject({
      error: true,
      output_tokens: 3,
    });
    expect(rows.find(({ feedback }) => feedback === "Thanks")!.metrics).toEqual({ thumbs: 1 });
    if (letter !== "n") expect(await armsSeen()).toHaveProperty(unitDigest("", "older-user"));
  });

  it("waits for the span that says whose it is, and counts as nobody's when none does", async () => {
    const before = await intake();
    const generation = {
      "langfuse.observation.prompt.name": carried("c"),
      "langfuse.observation.prompt.version": 2,
    };
    await post(
      "/api/public/otel/v1/traces",
      spans({ id: "b1", trace: "b".repeat(32), attributes: generation }),
    );
    expect(await intake()).toEqual(before);
    const root = { id: "b2", trace: "b".repeat(32), attributes: { "user.id": "late-user" } };
    await post("/api/public/otel/v1/traces", spans(root));
    expect(await armsSeen()).toMatchObject({ [unitDigest("", "late-user")]: "candidate" });
    await post(
      "/api/public/otel/v1/traces",
      spans({ id: "c1", trace: "c".repeat(32), attributes: generation }),
    );
    expect(await intake()).toEqual({ ...before, generation: before["generation"]! + 1 });
    // Another server, which has waited long enough.
    const impatient = await startServer({
      databaseUrl: bench.store.url,
      host: "127.0.0.1",
      port: 0,
      log: () => undefined,
      langfuseHoldMs: 1,
    });
    try {
      await expect.poll(() => intake(), { timeout: 60_000 }).toMatchObject({ without_unit: 1 });
    } finally {
      await impatient.stop();
    }
  });
});

describe("traces by OpenTelemetry's protocol", () => {
  const TRACES = "/api/public/otel/v1/traces";
  const send = async (body: Buffer, headers: Record<string, string>, path = TRACES) => {
    const response = await fetch(`${bench.server.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, ...headers },
      body: new Uint8Array(body),
    });
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      text: await response.text(),
    };
  };
  const JSON_TYPE = { "content-type": "application/json" };
  const PROTOBUF_TYPE = { "content-type": "application/x-protobuf" };
  const GZIP = { "content-encoding": "gzip" };

  it("are of the resolution whose token they have, whatever else they name", async () => {
    const resolver = await createResolver({ source: bench.address(key), onWarning: () => undefined });
    try {
      let i = 0;
      let prompt = await resolver.resolve({ prompt: PROMPT, unit: "otel-0" });
      while (prompt.arm !== "candidate")
        prompt = await resolver.resolve({ prompt: PROMPT, unit: `otel-${++i}` });
      prompt.render();
      const attributes = { ...prompt.attributes(), "user.id": "somebody-else" };
      const body = gzipSync(JSON.stringify(spans({ id: "71", trace: "7".repeat(32), attributes })));
      expect(await send(body, { ...JSON_TYPE, ...GZIP }, "/v1/otlp/v1/traces")).toMatchObject({
        status: 200,
        text: "{}",
      });
      expect(await armsSeen()).toMatchObject({ [prompt.unitDigest!]: "candidate" });
      expect(await outcomes("unit = $1", [prompt.unitDigest])).toMatchObject([
        { version_id: canary.versions[1], status: "joined" },
      ]);
    } finally {
      await resolver.close();
    }
  });

  it("are taken as protobuf, which is answered as protobuf, and bounded as they are sent and as they are then", async () => {
    expect(await send(gzipSync(Buffer.alloc(0)), { ...PROTOBUF_TYPE, ...GZIP })).toEqual({
      status: 200,
      type: expect.stringContaining("application/x-protobuf"),
      text: "",
    });
    const bomb = gzipSync(Buffer.alloc(33 << 20));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await send(bomb, { ...PROTOBUF_TYPE, ...GZIP })).toMatchObject({ status: 413 });
    expect(await send(Buffer.alloc((8 << 20) + 1), PROTOBUF_TYPE)).toMatchObject({ status: 413 });
    expect(await send(Buffer.from("no gzip"), { ...PROTOBUF_TYPE, ...GZIP })).toMatchObject({ status: 400 });
    expect(await send(Buffer.from("{}"), { ...JSON_TYPE, "content-encoding": "br" })).toMatchObject({
      status: 400,
    });
    expect(await send(Buffer.from("no protobuf"), PROTOBUF_TYPE)).toMatchObject({ status: 400 });
    expect(await send(Buffer.from("no protobuf"), PROTOBUF_TYPE, "/api/public/ingestion")).toMatchObject({
      status: 400,
    });
  });
});

describe("a key that browsers may know", () => {
  const publicId = (of: string) => of.slice(0, of.indexOf("_", 4));
  const withId = (of: string, path: string, body: unknown) =>
    call(bench.server.url, `POST ${path}`, { body, headers: { authorization: `Bearer ${publicId(of)}` } });

  it("sends scores by its id alone, and says nothing of generations", async () => {
    const browser = await bench.key({ grants: { browserScores: true } });
    const preflight = await fetch(`${bench.server.url}/api/public/ingestion`, {
      method: "OPTIONS",
      headers: { "access-control-request-headers": "authorization,content-type,x-langfuse-sdk-name" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
    const answered = await service.answer(PROMPT, "browser-user");
    await service.flushTraces();
    const page = new LangfuseWeb({ publicKey: publicId(browser), baseUrl: bench.server.url });
    await page.score({ id: "from-a-page", traceId: answered.trace, name: "browser_rating", value: 4 });
    await page.shutdownAsync();
    expect(await outcomes("metrics ? 'browser_rating'")).toMatchObject([{ metrics: { browser_rating: 4 } }]);
    const attributes = { id: "g", traceId: "t", promptName: carried("c"), promptVersion: 2 };
    const forged = [
      { id: "1", type: "trace-create", body: { id: "t", userId: "forged-by-a-page" } },
      { id: "2", type: "generation-create", body: { ...attributes, endTime: new Date().toISOString() } },
    ];
    expect(await withId(browser, "/api/public/ingestion", { batch: forged })).toMatchObject({ status: 207 });
    expect(await armsSeen()).not.toHaveProperty(unitDigest("", "forged-by-a-page"));
    expect(await intake(browser)).toEqual({ score: 1 });
    expect(await withId(browser, "/api/public/otel/v1/traces", {})).toMatchObject({ status: 401 });
    expect(await withId(browser, "/v1/outcomes", { items: [] })).toMatchObject({ status: 401 });
  });

  it("is one that says so", async () => {
    expect(await withId(key, "/api/public/scores", [])).toMatchObject({ status: 401 });
    const viewer = await bench.key({ role: "viewer", grants: { browserScores: true } });
    expect(await withId(viewer, "/api/public/scores", [])).toMatchObject({ status: 403 });
  });
});

describe("what does not count", () => {
  it("is a generation that is sent twice", async () => {
    const one = spans({
      id: "d1",
      trace: "d".repeat(32),
      attributes: {
        "langfuse.observation.prompt.name": carried("k"),
        "langfuse.observation.prompt.version": 1,
        "user.id": "twice",
      },
    });
    await post("/api/public/otel/v1/traces", one);
    await post("/api/public/otel/v1/traces", one);
    expect(await outcomes("unit = $1", [unitDigest("", "twice")])).toHaveLength(1);
  });

  it.each([
    ["a rollout that there is not", () => `${PROMPT}~00000000.c.1`, 2],
    ["an epoch that there was not", () => carried("c").replace(/1$/, "7"), 2],
    ["an arm that was not served this version", () => carried("c"), 1],
    ["no rollout", () => `${PROMPT}~nonsense`, 2],
  ])("is an exposure under a name that carries %s", async (what, name, version) => {
    const user = `forger of ${what}`;
    const attributes = {
      "langfuse.observation.prompt.name": name(),
      "langfuse.observation.prompt.version": version,
      "user.id": user,
    };
    const trace = unitDigest("", user).slice(0, 32);
    expect(await post("/api/public/otel/v1/traces", spans({ id: "e1", trace, attributes }))).toMatchObject({
      status: 200,
    });
    expect(await armsSeen()).not.toHaveProperty(unitDigest("", user));
  });

  it("is a prompt that there is not, or that the key is not for, and a score of nothing", async () => {
    const other = await bench.key({ grants: { prompts: ["other/"] } });
    const attributes = {
      "langfuse.observation.prompt.name": PROMPT,
      "langfuse.observation.prompt.version": 2,
    };
    const send = (more: object) =>
      post(
        "/api/public/otel/v1/traces",
        spans({ id: "f1", trace: "f".repeat(32), attributes: { ...attributes, ...more } }),
        other,
      );
    await send({});
    await send({ "langfuse.observation.prompt.version": 99 });
    await send({ "langfuse.observation.prompt.name": "\\u0000../x" });
    // Of somebody else's generation: it waits, and joins nothing.
    const score = { traceId: "d".repeat(32), name: "rating", value: 5 };
    expect(await post("/api/public/scores", [score, { ...score, value: "good" }, 7], other)).toMatchObject({
      status: 202,
      body: { message: "Accepted" },
    });
    const counts = { forbidden: 1, unknown_prompt: 2, without_value: 1, unreadable: 1 };
    expect(await intake(other)).toEqual(counts);
    // Whoever runs the server is told, though the client was not.
    const admin = await bench.key({ role: "admin" });
    const { body } = await call(bench.server.url, "GET /v1/intake", { key: admin });
    const { intake: told } = body.items.find(({ id }: { id: string }) => id === other.slice(4, 16));
    expect(Object.fromEntries(told.map(({ kind, n }: { kind: string; n: number }) => [kind, n]))).toEqual(
      counts,
    );
    const narrow = await bench.key({ role: "admin", grants: { prompts: ["elsewhere/"] } });
    expect((await call(bench.server.url, "GET /v1/intake", { key: narrow })).body.items).toEqual([]);
    expect(await outcomes("unit = $1", [unitDigest("", "twice")])).toHaveLength(1);
  });

  it("is what comes after the rollout has ended", async () => {
    await bench.store.query(
      "update sluice.rollouts set outcome = 'promoted', phase = 'done', reason = 'done', ended_at = now() where id = $1",
      [rollout],
    );
    const attributes = {
      "langfuse.observation.prompt.name": carried("c"),
      "langfuse.observation.prompt.version": 2,
      "user.id": "too-late",
    };
    await post("/api/public/otel/v1/traces", spans({ id: "91", trace: "9".repeat(32), attributes }));
    await ingest({
      type: "score-create",
      body: { id: "after", traceId: "d".repeat(32), name: "rating", value: 5 },
    });
    expect(await armsSeen()).not.toHaveProperty(unitDigest("", "too-late"));
    expect(
      await outcomes("metrics @> '{\"rating\": 5}' and unit = $1", [unitDigest("", "twice")]),
    ).toMatchObject([{ status: "after_end" }]);
  });
});

describe("a Langfuse that reports are passed on to", () => {
  it("gets what clients report as it came, with keys of its own, also what it could not take at first", async () => {
    const seen = () => further.requests.map(({ path, body }) => `${path} ${body}`);
    const trace = "9f".repeat(16);
    const attributes = { "langfuse.observation.prompt.name": carried("c"), "user.id": "further" };
    const body = spans({
      id: "f1",
      attributes: { ...attributes, "langfuse.observation.prompt.version": 2 },
      trace,
    });
    await post("/api/public/otel/v1/traces", body);
    await post("/api/public/scores", { id: "further-1", traceId: trace, name: "rating", value: 4 });
    await ingest({ type: "event-create", body: { id: "of no interest here", traceId: trace } });
    await expect.poll(() => seen().filter((one) => one.includes(trace)).length, { timeout: 20_000 }).toBe(3);
    expect(seen()).toContain(`/api/public/otel/v1/traces ${JSON.stringify(body)}`);
    expect(seen().find((one) => one.includes("of no interest here"))).toContain("event-create");
    // The first one of all was answered 503, and came again.
    const first = seen()[0];
    expect(seen().filter((one) => one === first)).toHaveLength(2);
    const basic = `Basic ${Buffer.from("pk-further:sk-further").toString("base64")}`;
    expect(new Set(further.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([basic]));
    expect(bench.log.join("\n")).not.toContain("sk-further");
    // Spans of other exporters are nothing of Langfuse's.
    const before = further.requests.length;
    await post("/v1/otlp/v1/traces", spans({ id: "f2", attributes: { "sluice.prompt.token": "none" } }));
    await post("/api/public/scores", { id: "further-2", traceId: trace, name: "rating", value: 4 });
    await expect.poll(() => seen().some((one) => one.includes("further-2")), { timeout: 20_000 }).toBe(true);
    expect(further.requests).toHaveLength(before + 1);
  });
});

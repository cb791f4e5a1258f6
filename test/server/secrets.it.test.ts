import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

/** Strings that stand nowhere else, in place of what nobody else may come to see. */
const canary = (what: string) => `${what}-${randomUUID()}`;
const UNIT = canary("unit");
const VALUE = canary("value");
const TEXT = canary("text");
const FEEDBACK = canary("feedback");
const WRONG_KEY = canary("slu_wrong");

let bench: ServerBench;
let key: string;
beforeAll(async () => {
  bench = await openServer({ limits: { write: 1_000 } });
  key = await bench.key({ role: "admin" });
});
afterAll(() => bench.close());

const send = (request: string, body?: unknown, more: object = {}) =>
  call(bench.server.url, request, { key, body, ...more });

describe("what a service sends in confidence", () => {
  it("is in no line of the log, no refusal and no entry of the audit log", async () => {
    const file = {
      model: "openai/gpt-5.4-mini",
      messages: [{ role: "user", content: `${TEXT} {{ question }}` }],
      variables: { question: { type: "string", required: true, max_length: 60 } },
    };
    const put = { label: "staging", version: 1, expectedRevision: 0, force: true, reason: "first" };
    const question = { prompt: "a/b", label: "staging", unit: UNIT };
    const refused: unknown[] = [];
    const expected = async (status: number, ...given: Parameters<typeof send>) => {
      const called = await send(...given);
      expect(called.status, given[0]).toBe(status);
      if (status >= 400) refused.push(called.body);
      return called.body;
    };
    await expected(201, "POST /v1/prompts/a%2Fb/versions", { file });
    await expected(200, "PUT /v1/prompts/a%2Fb/labels", put);
    const { token } = await expected(200, "POST /v1/resolve", {
      ...question,
      variables: { question: VALUE },
    });
    await expected(200, `GET /v1/prompts/a%2Fb?label=staging&unit=${UNIT}`);
    const items = [{ token, metrics: { rating: 5 }, feedback: FEEDBACK, sample: { output: VALUE } }];
    await expected(200, "POST /v1/outcomes", { items });
    // Each is refused for another reason, by another part.
    await expected(400, "POST /v1/resolve", { ...question, variables: { question: [VALUE] } });
    await expected(400, "POST /v1/resolve", { ...question, variables: { question: VALUE.repeat(3) } });
    await expected(400, "POST /v1/resolve", { ...question, format: VALUE });
    await expected(400, "POST /v1/resolve", { ...question, pin: VALUE });
    await expected(404, "POST /v1/resolve", { ...question, label: "production" });
    await expected(400, `GET /v1/prompts/a%2Fb?unit=${UNIT}&unit=${UNIT}`);
    await expected(404, `GET /v1/prompts/a%2Fc?unit=${UNIT}`);
    await expected(422, "POST /v1/outcomes", {
      exposures: [{ rollout: VALUE, unit: UNIT, arm: "candidate", epoch: 1 }],
      outcomes: [],
    });
    await expected(400, "POST /v1/resolve", `{"unit":"${UNIT}"`);
    await expected(400, "POST /v1/prompts/a%2Fb/versions", { file: { ...file, variables: {} } });
    await expected(415, "POST /v1/resolve", UNIT, { headers: { "content-type": "text/plain" } });
    await expected(401, "GET /v1/me", undefined, { key: WRONG_KEY });
    await expected(401, `GET /v1/me?key=${key}`, undefined, { key: WRONG_KEY });
    await expected(400, `GET /v1/me?unit=${UNIT}`);
    await expected(404, `GET /v1/nothing/${UNIT}`);

    const audit = JSON.stringify(await bench.store.query("select * from sluice.audit"));
    const places = { log: bench.log.join("\n"), audit, refusals: JSON.stringify(refused) };
    expect(places.log).toContain('"route":"/v1/resolve"');
    const secrets = { key, secret: key.slice(17), UNIT, VALUE, FEEDBACK, TEXT, WRONG_KEY };
    for (const [place, text] of Object.entries(places))
      for (const [what, secret] of Object.entries(secrets))
        expect(text.includes(secret), `${what} in ${place}`).toBe(false);
  });
});

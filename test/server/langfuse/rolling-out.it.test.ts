import { LangfuseClient } from "@langfuse/client";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findPointer } from "../../../src/storage/read/pointer.ts";
import { findRollout } from "../../../src/storage/read/rollout-row.ts";
import { call } from "../support/checked-call.ts";
import { openRolloutServer, type RolloutServer } from "../support/rollout-server.ts";
import { ENDLESS_CANARY } from "../support/endless-canary.ts";

const GOAL =
  "canary: { max_units: 400, max_duration: 1d, goal: { metric: rating, direction: higher, claim: superior } }\n";

let server: RolloutServer;
let key: string;
beforeEach(async () => {
  server = await openRolloutServer();
  await server.bench.seed();
  key = await server.key({ role: "admin", owner: "rea" });
});
afterEach(() => server.close());

it("a Langfuse client's move of a protected label is a rollout, where the prompt has a policy", async () => {
  const { bench } = server;
  bench.startWorker();
  const langfuse = new LangfuseClient({
    publicKey: key.slice(0, key.indexOf("_", 4)),
    secretKey: key,
    baseUrl: server.url,
  });
  const file = {
    syntax: "langfuse",
    model: "openai/gpt-5.4-mini",
    messages: [{ role: "user", content: "Third" }],
  };
  const pushed = await server.post(`/v1/prompts/${encodeURIComponent(bench.prompt)}/versions`, key, {
    file,
    policy: ENDLESS_CANARY,
  });
  expect(pushed.status).toBe(201);
  const before = await findPointer(bench.db, bench.scope);
  const made = await langfuse.prompt.create({
    name: bench.prompt,
    type: "chat",
    prompt: [{ role: "user", content: "Third" }],
    config: { model: "gpt-5.4-mini" },
    labels: ["production"],
  });
  expect(made.labels).not.toContain("production");
  const pointer = await findPointer(bench.db, bench.scope);
  expect(pointer).toMatchObject({ active_version: before!.active_version });
  const rows = await bench.db
    .selectFrom("rollouts")
    .select("id")
    .where("prompt", "=", bench.prompt)
    .execute();
  expect(rows).toHaveLength(1);
  await bench.until(rows[0]!.id, (status) => status.phase === "canary", "canary");
  const again = await call(
    server.url,
    `PATCH /api/public/v2/prompts/${encodeURIComponent(bench.prompt)}/versions/${made.version}`,
    { key, body: { newLabels: ["production"] } },
  );
  expect([again.status, again.headers.get("sluice-rollout")]).toEqual([200, rows[0]!.id]);
  expect(await findRollout(bench.db, rows[0]!.id)).toMatchObject({ outcome: null });
});

it("a version that Langfuse's clients could not be served fails its gate, where they have begun to get the prompt since it was started", async () => {
  const { bench } = server;
  const file = {
    model: "openai/gpt-5.4-mini",
    variables: { question: { type: "string", required: true, untrusted: true } },
    messages: [{ role: "user", content: "{% if question %}Answer: {% endif %}{{ question }}" }],
  };
  const pushed = await server.post(`/v1/prompts/${encodeURIComponent(bench.prompt)}/versions`, key, { file });
  expect(pushed.status).toBe(201);
  const gate = "gate: { dataset: golden.yaml, on_insufficient: canary }\n";
  const { rolloutId } = await bench.start(pushed.body.version, `${gate}${GOAL}`);
  await sql`select sluice.note_langfuse_read(${bench.prompt})`.execute(bench.db);
  bench.startWorker();
  const ended = await bench.until(rolloutId, ({ outcome }) => outcome !== null, "the end");
  expect(ended).toMatchObject({ outcome: "rejected" });
  const { body } = await server.get(`/v1/rollouts/${rolloutId}/record`, key);
  expect(JSON.stringify(body.gate)).toContain("langfuse_unsafe");
  expect((await findPointer(bench.db, bench.scope))!.active_version).toBe(
    (await findRollout(bench.db, rolloutId))!.baseline_version,
  );
});

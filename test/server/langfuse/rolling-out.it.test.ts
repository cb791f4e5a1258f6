import { LangfuseClient } from "@langfuse/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findPointer } from "../../../src/storage/read/pointer.ts";
import { findRollout } from "../../../src/storage/read/rollout-row.ts";
import { call } from "../support/checked-call.ts";
import { openRolloutServer, type RolloutServer } from "../support/rollout-server.ts";
import { ENDLESS_CANARY } from "../support/endless-canary.ts";

let server: RolloutServer;
let key: string;
beforeEach(async () => {
  server = await openRolloutServer();
  await server.bench.seed();
  server.bench.startWorker();
  key = await server.key({ role: "admin", owner: "rea" });
});
afterEach(() => server.close());

it("a Langfuse client's move of a protected label is a rollout, where the prompt has a policy", async () => {
  const { bench } = server;
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

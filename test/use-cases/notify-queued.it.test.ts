import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSluice, type Sluice } from "../../src/index.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { notifyQueued } from "../../src/use-cases/notify-queued.ts";
import { notifyWebhooks } from "../../src/use-cases/notify-webhooks.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let db: Database;
let sluice: Sluice;
let receiver: Server;
let isAway = true;
const heard: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
const said: string[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      const path = request.url ?? "";
      const refused = path === "/away" && isAway;
      if (!refused) heard.push({ path, headers: request.headers, body });
      response.writeHead(refused ? 503 : 200).end();
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  database = await createTestDatabase();
  db = openDatabase(database.url, { max: 4 });
  sluice = createSluice({ databaseUrl: database.url, actor: "anna" });
  const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const notify = [
    { webhook: `${base}/json`, events: ["pointer_moved"] },
    { webhook: `slack:${base}/chat` },
    { webhook: `teams:${base}/away` },
    // Of what comes here nothing is among it.
    { webhook: `${base}/other`, events: ["started", "drift"] },
  ];
  await sluice.push({ file: promptFile("Hi", notify) });
  await sluice.push({ file: promptFile("Hello", notify) });
});
afterAll(async () => {
  await sluice.close();
  await db.destroy();
  await database.drop();
  receiver.close();
});

function promptFile(content: string, notify: object[]): string {
  const goal = { metric: "rating", direction: "higher", margin: 0.1 };
  const policy = { canary: { goal }, notify };
  return JSON.stringify({
    name: "greet",
    model: "openai/gpt-5-mini",
    messages: [{ role: "user", content }],
    policy,
  });
}

it("takes no reference to what a worker has from elsewhere, in whatever form", async () => {
  for (const webhook of ["env:HOOK", "slack:env:HOOK", "teams:file:/run/secrets/hook"])
    await expect(sluice.push({ file: promptFile("Hey", [{ webhook }]) })).rejects.toThrow(
      "only taken from the command line",
    );
});

const deliver = () =>
  notifyQueued(db, {
    signal: AbortSignal.timeout(20_000),
    log: (line) => said.push(line),
    notifications: {
      secret: () => Promise.resolve("s3cret"),
      permitted: () => readPermittedAddresses("127.0.0.1"),
    },
  });
const waiting = async () =>
  (await sql<{ webhook: string }>`select webhook from sluice.notifications`.execute(db)).rows.length;

it("tells each webhook of a moved pointer once, as it takes it, signed; one that is away holds no other up", async () => {
  const set = { reason: "a <script> & more", force: true } as const;
  await sluice.setPointer({ ...set, version: "greet@1", expectedRevision: 0 });
  expect(await waiting()).toBe(3);
  // As a policy has it that was pushed where a worker runs.
  await sql`update sluice.notifications set secret = 'env:SIGNING' where webhook like '%/json'`.execute(db);
  // Two workers that look at once tell it once.
  expect((await Promise.all([deliver(), deliver()])).toSorted()).toEqual([0, 2]);
  expect(heard.map(({ path }) => path).toSorted()).toEqual(["/chat", "/json"]);
  const json = heard.find(({ path }) => path === "/json")!;
  expect(JSON.parse(json.body)).toMatchObject({
    event: "pointer_moved",
    prompt: "greet",
    label: "production",
    action: "pointer_set",
    from: null,
    to: "greet@1",
    by: "anna",
  });
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = json.headers;
  expect(id).toBe((JSON.parse(json.body) as { id: string }).id);
  const mac = createHmac("sha256", "s3cret").update(`${String(id)}.${String(timestamp)}.${json.body}`);
  expect(signature).toBe(`v1,${mac.digest("base64")}`);
  expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
  expect(JSON.parse(heard.find(({ path }) => path === "/chat")!.body)).toEqual({
    text: "anna moved production of greet to greet@1: a &lt;script&gt; &amp; more",
  });

  expect(said).toEqual([expect.stringMatching(/^pointer_moved could not be told: webhook .* answered 503$/)]);
  expect(await waiting()).toBe(1);
  // Not before its next turn.
  expect(await deliver()).toBe(0);
  isAway = false;
  await sql`update sluice.notifications set next_attempt_at = now()`.execute(db);
  expect(await deliver()).toBe(1);
  expect(await waiting()).toBe(0);
  expect(heard.at(-1)!.body).toContain("AdaptiveCard");
});

it("sends what is told at once, too, only to those that want it", async () => {
  const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const hooks = [
    { webhook: `${base}/of-ends`, events: ["ended"] },
    { webhook: `${base}/of-drift`, events: ["drift"] },
  ] as const;
  const told = { id: "1", event: "drift", prompt: "greet", message: "the branch has another" } as const;
  await notifyWebhooks(hooks, told, AbortSignal.timeout(20_000), {
    secret: () => Promise.resolve(""),
    permitted: () => readPermittedAddresses("127.0.0.1"),
  });
  expect(heard.map(({ path }) => path).filter((path) => path.startsWith("/of-"))).toEqual(["/of-drift"]);
});

it("gives up what nobody has taken for a day, and queues nothing for a move that was not made", async () => {
  isAway = true;
  await expect(
    sluice.setPointer({ version: "greet@2", reason: "r", force: true, expectedRevision: 9 }),
  ).rejects.toThrow("revision");
  expect(await waiting()).toBe(0);
  await sluice.rollBack({ prompt: "greet", reason: "worse" });
  await deliver();
  expect(JSON.parse(heard.find(({ body }) => body.includes("rolled_back"))!.body)).toMatchObject({
    action: "rolled_back",
    from: "greet@1",
  });
  await sql`update sluice.notifications set created_at = now() - interval '25 hours', next_attempt_at = now()`.execute(
    db,
  );
  await deliver();
  expect(said.at(-1)).toMatch(/; it is not tried again$/);
  expect(await waiting()).toBe(0);
});

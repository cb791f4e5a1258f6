import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Langfuse } from "langfuse";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { digestText, unitDigest } from "../../../src/digest.ts";
import { scopeColumns } from "../../../src/domain/scope.ts";
import { createResolver } from "../../../src/resolver/index.ts";
import { HttpSource } from "../../../src/resolver/sources/http.ts";
import { startRelay } from "../../../src/server/relay/start-relay.ts";
import { readAudit } from "../../../src/storage/read/audit.ts";
import { withdrawKey } from "../../../src/use-cases/withdraw-key.ts";
import { artifact } from "../../resolver/support/artifacts.ts";
import { eventually } from "../../resolver/support/eventually.ts";
import { langfuseService } from "../langfuse/support/langfuse-service.ts";
import { attackRelay } from "./support/attack-relay.ts";
import { openRelay, type RelayBench } from "./support/relay-bench.ts";

const isProof = process.env["RELAY_HOSTILE"] !== undefined;
const HOSTILE = Number(process.env["RELAY_HOSTILE"] ?? 300);
const SEED = Number(process.env["RELAY_HOSTILE_SEED"] ?? 20_261_130);

let bench: RelayBench;
let key: string;
beforeAll(async () => {
  bench = await openRelay({ keysBelievedMs: 50 });
  key = await bench.central.key();
});
afterEach(() => {
  // Whatever a test did to the way: the next one starts with a whole one.
  bench.network.thaw();
  bench.network.accept();
});
afterAll(() => bench.close());

const SCOPE = (prompt: string) => ({ label: "production", prompt });

/** A prompt with a canary whose lease has so much left: half of all units get its second version. */
async function addCanary(leaseMs: number) {
  const { store } = bench.central;
  const prompt = `p-${randomUUID().slice(0, 8)}`;
  const one = await store.addVersion(prompt, artifact("one"));
  const two = await store.addVersion(prompt, artifact("two"));
  const rollout = await store.addRollout(prompt, two, one);
  const leaseUntil = Date.now() + leaseMs;
  await store.movePointer(SCOPE(prompt), {
    active_version: one,
    candidate_version: two,
    mode: "canary",
    share: 5_000,
    salt: "salt",
    epoch: 1,
    rollout_id: rollout,
    lease_until: new Date(leaseUntil),
  });
  return { prompt, one, two, rollout, leaseUntil };
}

async function resolve(prompt: string, unit: string, path = "/v1/resolve") {
  const response = await bench.ask(key, path, { prompt, unit });
  const body = (await response.json()) as { arm?: string; source?: string; version?: number; token?: string };
  return { status: response.status, ...body };
}

async function candidateOf(prompt: string): Promise<string> {
  for (let i = 0; i < 50; i++) if ((await resolve(prompt, `u${i}`)).arm === "candidate") return `u${i}`;
  throw new Error("none of 50 units is in the candidate's arm");
}

const outcomesOf = async (rollout: string) => {
  const { db } = bench.central;
  return db.selectFrom("outcomes").select(["id", "status"]).where("rollout_id", "=", rollout).execute();
};

describe("a relay whose way to the server is cut", () => {
  it("serves what was said last until leases run out, says that it is stale, keeps outcomes, and catches up", async () => {
    const { prompt, two, rollout } = await addCanary(6_000);
    const unit = await candidateOf(prompt);
    const { token } = await resolve(prompt, unit);
    bench.network.refuse();
    await eventually("it knows", () => bench.log.some((line) => line.includes('"upstream":"away"')));
    expect(await resolve(prompt, unit)).toMatchObject({ status: 200, arm: "candidate", version: 2 });

    const id = randomUUID();
    const report = () => bench.ask(key, "/v1/outcomes", { items: [{ id, token, metrics: { rating: 5 } }] });
    expect(await (await report()).json()).toMatchObject({ spooled: true, outcomes: 0 });
    expect(await (await report()).json()).toMatchObject({ spooled: true });
    expect(await outcomesOf(rollout)).toEqual([]);

    await eventually("the lease has run out", async () => (await resolve(prompt, unit)).arm !== "candidate");
    await eventually("it is stale", async () => (await resolve(prompt, unit)).source === "stale");
    expect(await resolve(prompt, unit)).toMatchObject({ arm: "unenrolled", version: 1 });
    // A service that starts now, behind the relay, is served the same and told how old it is.
    const late = await createResolver({ source: bench.address(key) });
    expect((await late.resolve({ prompt, unit })).toJSON()).toMatchObject({ version: 1, source: "stale" });
    await late.close();
    expect(await resolve("never-asked-for", unit)).toMatchObject({ status: 503 });
    expect(await (await bench.ask(key, "/readyz")).json()).toEqual({ status: "ready", upstream: "down" });

    await bench.central.store.movePointer(SCOPE(prompt), {
      active_version: two,
      candidate_version: null,
      mode: null,
      share: 0,
      rollout_id: null,
      lease_until: null,
    });
    bench.network.accept();
    await eventually("the move is heard of", async () => {
      const { version, source } = await resolve(prompt, unit);
      return version === 2 && source === "memory";
    });
    await eventually("what was kept is sent", async () => (await outcomesOf(rollout)).length > 0);
    expect(await outcomesOf(rollout)).toEqual([{ id, status: "joined" }]);
  });

  it("passes a lease on that is never longer than the store's, however slow the way and however long it is cut", async () => {
    const { prompt, leaseUntil } = await addCanary(4_000);
    const source = new HttpSource(bench.address(key));
    const query = { scopes: [scopeColumns(SCOPE(prompt))], have: [] };
    const leaseEnd = async () => {
      const askedAt = Date.now();
      const { pointers, ageMs } = await source.read(query);
      return { leaseMs: pointers[0]!.leaseMs, endsAt: askedAt + pointers[0]!.leaseMs, ageMs };
    };
    bench.network.delay(150);
    const slow = await leaseEnd();
    expect(slow.leaseMs).toBeGreaterThan(0);
    expect(slow.endsAt).toBeLessThanOrEqual(leaseUntil);
    bench.network.delay(0);
    bench.network.freeze();
    const frozen = await leaseEnd();
    expect(frozen.ageMs).toBeGreaterThan(0);
    expect(frozen.endsAt).toBeLessThanOrEqual(leaseUntil);
    await eventually("it has run out", async () => (await leaseEnd()).leaseMs === 0);
    bench.network.thaw();
    await eventually("it is fresh", async () => (await leaseEnd()).ageMs === undefined);
    await source.close();
  });

  it("lets a resolver's key in that it has seen, also after a restart with its snapshot, and nobody else", async () => {
    const { prompt } = await addCanary(60_000);
    const [editor, unseen, revoked] = await Promise.all([
      bench.central.key({ role: "editor" }),
      bench.central.key(),
      bench.central.key(),
    ]);
    const asks = (who: string) => bench.ask(who, `/v1/prompts/${prompt}?unit=u`).then(({ status }) => status);
    expect(await Promise.all([asks(key), asks(editor), asks(revoked)])).toEqual([200, 200, 200]);
    // However it is cut off: one that is silent is no reason to believe an editor's key.
    bench.network.freeze();
    await eventually("the editor's is not believed any more", async () => (await asks(editor)) === 503);
    expect(await asks(key)).toBe(200);
    bench.network.thaw();
    bench.network.refuse();
    await bench.restart();
    expect(await Promise.all([asks(key), asks(editor), asks(unseen), asks(revoked)])).toEqual([
      200, 503, 503, 200,
    ]);
    expect(await resolve(prompt, "u")).toMatchObject({ version: 1, arm: "unenrolled" });
    await eventually("it is stale", async () => (await resolve(prompt, "u")).source === "stale");
    // No key ends in "_", so that this is never the key itself.
    expect(await asks(`${key.slice(0, -1)}_`)).toBe(401);

    await withdrawKey(bench.central.db, /^slu_([a-z0-9]+)_/.exec(revoked)![1]!);
    bench.network.accept();
    await eventually("the revoked key is refused", async () => (await asks(revoked)) === 401);
    await eventually("the editor's is good again", async () => (await asks(editor)) === 200);
  });

  it("gives Langfuse's clients what the server gave them, in the arms that its own resolver has", async () => {
    const { prompt } = await addCanary(60_000);
    const ask = async (server: string, query: string) => {
      const authorization = `Basic ${Buffer.from(`${key.slice(0, 16)}:${key}`).toString("base64")}`;
      const response = await fetch(`${server}/api/public/v2/prompts/${prompt}?${query}`, {
        headers: { authorization },
      });
      return { status: response.status, body: await response.json() };
    };
    const queries = [
      "label=production",
      "label=latest",
      "version=2",
      "label=production~~0a",
      "label=production~u1",
    ];
    const through = () => Promise.all(queries.map((query) => ask(bench.relay.url, query)));
    const direct = await Promise.all(queries.map((query) => ask(bench.central.server.url, query)));
    expect(direct.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await through()).toEqual(direct);
    bench.network.refuse();
    expect(await through()).toEqual(direct);
    bench.network.accept();
    await eventually("it is reached", async () => (await ask(bench.relay.url, "version=3")).status === 404);
  });

  it("keeps what Langfuse's clients report, and counts each of it once, in the arm that it served", async () => {
    const { prompt, rollout } = await addCanary(600_000);
    const own = await bench.central.key({ grants: { langfuse: { unit: "user" } } });
    const service = langfuseService(bench.relay.url, own);
    const users = Array.from({ length: 24 }, (_, i) => `user-${i}`);
    const report = async (some: readonly string[]) => {
      const answered = await Promise.all(some.map((user) => service.answer(prompt, user)));
      for (const [i, { trace, arm }] of answered.entries()) {
        arms.set(some[i]!, arm);
        const score = { id: `score-${some[i]}`, traceId: trace, name: "rating", value: 4 };
        service.client.score.create(score);
        // Clients send again what they are not sure of.
        service.client.score.create(score);
      }
      await service.flushTraces();
      await service.client.score.flush();
    };
    const arms = new Map<string, string | undefined>();
    await report(users.slice(0, 12));
    bench.network.refuse();
    await eventually("it is away", async () => {
      const ready = await (await bench.ask(own, "/readyz")).json();
      return (ready as { upstream: string }).upstream === "down";
    });
    await report(users.slice(12));
    // The client of before, by ingestion: its trace, its generation, and a score of it.
    const older = new Langfuse({ baseUrl: bench.relay.url, secretKey: own, publicKey: own.slice(0, 16) });
    const cell = `production~~${digestText("older").slice(0, 2)}`;
    const served = await older.getPrompt(prompt, undefined, { type: "chat", label: cell });
    arms.set("older", /\.([ckn])\.1$/.exec(served.name)?.[1]);
    const generation = older.trace({ userId: "older" }).generation({ name: "answer", prompt: served });
    generation.end({ usage: { input: 7, output: 3 } });
    generation.score({ id: "score-older", name: "rating", value: 4 });
    await older.shutdownAsync();
    await service.close();
    bench.network.accept();
    const enrolled = [...arms].filter(([, arm]) => arm === "c" || arm === "k");
    expect(enrolled.length).toBeGreaterThan(5);
    // A generation and a score of each.
    await eventually(
      "all of it is counted",
      async () => (await outcomesOf(rollout)).length >= 2 * enrolled.length,
    );
    const { db } = bench.central;
    expect(await outcomesOf(rollout)).toHaveLength(2 * enrolled.length);
    expect((await outcomesOf(rollout)).every(({ status }) => status === "joined")).toBe(true);
    const exposed = await db
      .selectFrom("exposures")
      .select(["unit", "arm"])
      .where("rollout_id", "=", rollout)
      .execute();
    const NAMES: Readonly<Record<string, string>> = { c: "candidate", k: "control" };
    expect(Object.fromEntries(exposed.map(({ unit, arm }) => [unit, arm]))).toEqual(
      Object.fromEntries(enrolled.map(([user, arm]) => [unitDigest("", user), NAMES[arm!]])),
    );
  });

  it(
    "answers requests that were made up to do harm, with its server there and away, and goes on",
    { timeout: HOSTILE * 2_000 },
    async () => {
      const audited = async () => (await readAudit(bench.central.db, { limit: 1_000 })).length;
      const before = await audited();
      for (const [share, isAway] of [
        [2 / 3, false],
        [1 / 3, true],
      ] as const) {
        if (isAway) bench.network.refuse();
        const count = isProof ? HOSTILE : Math.round(HOSTILE * share);
        const { wrong, statuses } = await attackRelay(bench.relay.url, key, count, SEED);
        expect(wrong).toEqual([]);
        // Away, a good request may find that the hostile ones before it have used its key's limit up.
        expect([...statuses.keys()]).toEqual(expect.arrayContaining(isAway ? [400, 501] : [200, 400, 501]));
      }
      bench.network.accept();
      await eventually("it is well", async () => {
        const ready = await (await bench.ask(key, "/readyz")).json();
        return (ready as { upstream: string }).upstream === "up";
      });
      // A relay has nothing that is audited done.
      expect(await audited()).toBe(before);
    },
  );

  it("says why, where it is not the way but the relay's own key", async () => {
    const central = bench.network.url.replace("//", `//${key.slice(0, -1)}_@`);
    const data = await mkdtemp(join(tmpdir(), "sluice-relay-"));
    const log: string[] = [];
    const relay = await startRelay({
      upstream: central,
      data,
      host: "127.0.0.1",
      port: 0,
      log: (message, fields) => void log.push(JSON.stringify({ message, ...fields })),
    });
    await eventually("it is said", () => log.some((line) => line.includes('"upstream":"away"')));
    expect(log.find((line) => line.includes('"upstream":"away"'))).toMatch(/"why":"[^"]*answered 401/);
    expect(log.join("")).not.toContain(key.slice(17, -1));
    await relay.stop();
    await rm(data, { recursive: true });
  });

  it("answers nothing else, and says where to ask", async () => {
    for (const path of ["/v1/rollouts", "/v1/keys", "/openapi.json", "/auth/login"])
      expect(await (await bench.ask(key, path)).json(), path).toMatchObject({
        status: 501,
        error: { code: "not_here", details: { upstream: new URL(bench.network.url).origin } },
      });
    expect((await bench.ask(key, "/api/public/v2/prompts")).status).toBe(501);
  });
});

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { requireVersion } from "../../src/storage/read/version.ts";
import { redrive } from "../../src/use-cases/redrive.ts";
import { createRolloutBench, type RolloutBench } from "../support/rollout-bench.ts";
import type { Opinion } from "../support/simulate-traffic.ts";

const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5%, for: 1s }, { share: 50% }]
  interval: 100ms
  min_units: 40
  max_units: 600
  max_duration: 60s
  lease: 30s
  goal: { metric: rating, direction: higher, claim: superior }
`;
const MUST_MATCH = POLICY.replace("window: 100ms", "window: 100ms, coverage: must_match");
const GATE = "gate: { dataset: golden.yaml, min_pass_rate: 0.9 }\n";
const BETTER: Opinion = (arm, draw) => ({ rating: (arm === "candidate" ? 4.4 : 3.4) + draw() - 0.5 });
/** The candidate's users record no outcome at all. */
const SILENT: Opinion = (arm, draw) => (arm === "candidate" ? undefined : { rating: 3.4 + draw() - 0.5 });
/** They record outcomes, and no rating in any. */
const UNRATED: Opinion = (arm, draw) => SILENT(arm, draw) ?? {};

describe("a rollout's end", () => {
  let bench: RolloutBench;
  let stop: AbortController;
  let traffic: Promise<void> | undefined;
  beforeEach(async () => {
    bench = await createRolloutBench();
    stop = new AbortController();
    await bench.seed();
    bench.startWorker();
  });
  afterEach(async () => {
    stop.abort();
    await traffic;
    traffic = undefined;
    await bench.close();
  });
  const ended = (rolloutId: string) => bench.until(rolloutId, (s) => s.outcome !== null, "the end");
  const letters = () => bench.db.selectFrom("dead_letters").selectAll().execute();
  const abort = () => bench.control("abort", { by: "ann" });

  it.each([
    ["falls silent", POLICY, SILENT, "stay without any outcome"],
    ["lacks a value that has to arrive", MUST_MATCH, UNRATED, "rating goes missing with the candidate"],
  ])("is a rollback when a promoted version %s while it is watched", async (_, policy, opinion, reason) => {
    traffic = bench.traffic(BETTER, stop.signal);
    const started = await bench.start(2, `watch: { for: 1h, holdback: 10% }\n${policy}`);
    await bench.until(started.rolloutId, (s) => s.phase === "watching", "the watch");
    stop.abort();
    await traffic;
    stop = new AbortController();
    traffic = bench.traffic(opinion, stop.signal);
    expect(await ended(started.rolloutId)).toMatchObject({
      outcome: "rolled_back",
      reason: expect.stringMatching(new RegExp(`after promotion.*${reason}`)),
    });
    const { id } = await requireVersion(bench.db, { prompt: bench.prompt, number: 1 });
    expect(await findPointer(bench.db, bench.scope)).toMatchObject({ active_version: id, mode: null });
  });

  it("is reached once what was broken in between is mended, whatever it was", async () => {
    const started = await bench.start(2, POLICY);
    await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
    await sql`alter table sluice.operations rename to operations_away`.execute(bench.db);
    await abort();
    const handle = bench.client.workflow.getHandle(started.workflowId, started.runId);
    const attempts = async () => {
      const { pendingActivities } = (await handle.describe()).raw;
      return Math.max(
        0,
        ...(pendingActivities ?? []).map(({ attempt, lastFailure }) => (lastFailure ? attempt! : 0)),
      );
    };
    await expect.poll(attempts, { timeout: 20_000 }).toBeGreaterThan(2);
    expect((await handle.describe()).status.name).toBe("RUNNING");
    await sql`alter table sluice.operations_away rename to operations`.execute(bench.db);
    expect(await ended(started.rolloutId)).toMatchObject({ outcome: "aborted" });
    expect(await handle.result()).toMatchObject({ outcome: "aborted" });
    expect(await letters()).toEqual([]);
  });

  it("is over before slow webhooks are, so that the next rollout starts at once", async () => {
    const hanging = await hangingServer();
    vi.stubEnv("SLUICE_ALLOW_ADDRESSES", "127.0.0.1");
    try {
      const policy = `notify: [{ webhook: "${hanging.url}" }]\n${POLICY}`;
      const started = await bench.start(2, policy);
      await bench.until(started.rolloutId, (s) => s.phase === "canary", "the canary");
      await abort();
      await ended(started.rolloutId);
      const again = await bench.start(2, policy);
      expect(again).toMatchObject({ joined: false });
      expect(again.rolloutId).not.toBe(started.rolloutId);
      await hanging.called;
      await bench.keepHistory("aborted, with webhooks that are slow");
    } finally {
      vi.unstubAllEnvs();
      hanging.server.closeAllConnections();
      hanging.server.close();
    }
  });

  it("is a rejection when the gate cannot be put as it is written, with nothing to redrive", async () => {
    await bench.db.deleteFrom("pointers").execute();
    const started = await bench.start(2, GATE + POLICY);
    await abort();
    await ended(started.rolloutId);
    // A first version has nothing to be compared with.
    const cases = [{ vars: { question: "?" }, assert: [{ type: "select-best", value: "kinder" }] }];
    await bench.db.transaction().execute(async (transaction) => {
      await sql`alter table sluice.documents disable trigger user`.execute(transaction);
      await sql`update sluice.documents set body = jsonb_set(body, '{cases}', ${JSON.stringify(cases)}::jsonb)
        where kind = 'dataset'`.execute(transaction);
      await sql`alter table sluice.documents enable trigger user`.execute(transaction);
    });
    const again = await bench.start(2, GATE + POLICY);
    const status = await ended(again.rolloutId);
    expect(status).toMatchObject({ outcome: "rejected", reason: expect.stringMatching(/^gate: /) });
    expect(await letters()).toEqual([]);
  });

  it("by an operator is not undone by redriving what had broken before", async () => {
    await bench.modelsAway();
    const broken = await bench.start(2, GATE + POLICY);
    expect(await ended(broken.rolloutId)).toMatchObject({ outcome: "failed" });
    await bench.client.workflow.getHandle(broken.workflowId, broken.runId).result();
    const [letter] = await letters();
    const again = await bench.start(2, POLICY);
    await abort();
    await ended(again.rolloutId);
    const redriven = redrive(
      {
        db: bench.db,
        withTemporal: (work) => work(bench.starter),
        by: "ann",
        signal: AbortSignal.timeout(10_000),
      },
      letter!.id,
    );
    await expect(redriven).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("has ended since: aborted"),
    });
  });
});

async function hangingServer(): Promise<{ url: string; server: Server; called: Promise<void> }> {
  let heard = (): void => undefined;
  const called = new Promise<void>((resolve) => (heard = resolve));
  const server = createServer(() => heard());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server, called };
}

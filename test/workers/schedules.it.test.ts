import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { USUAL_RETENTION } from "../../src/domain/retention.ts";
import { openContents } from "../../src/outbound/contents/open-contents.ts";
import { scheduleId } from "../../src/protocol/schedules.ts";
import { useContents } from "../../src/storage/contents.ts";
import { requireVersion } from "../../src/storage/read/version.ts";
import { reportRetention } from "../../src/use-cases/report-retention.ts";
import { recomputeRollout } from "../../src/use-cases/recompute-rollout.ts";
import { statusOfRollout } from "../../src/storage/read/rollout-status.ts";
import { storeGauges } from "../../src/storage/read/store-gauges.ts";
import { createRolloutBench, keepWorkflowHistory, type RolloutBench } from "../support/rollout-bench.ts";

const LOOKS = ["continue", "advance", "continue", "promote", "continue", "continue"] as const;

/** In a store of more than a year. */
describe("what Temporal does by the clock", () => {
  let bench: RolloutBench;
  let candidate: string;
  let baseline: string;
  beforeAll(async () => {
    bench = await createRolloutBench();
    await bench.seed();
    candidate = (await requireVersion(bench.db, { prompt: bench.prompt, number: 2 })).id;
    baseline = (await requireVersion(bench.db, { prompt: bench.prompt, number: 1 })).id;
    await sql`insert into sluice.documents (sha256, kind, name, body) values (${"0".repeat(64)}, 'policy', 'p', '{}'),
      (${"1".repeat(64)}, 'dataset', 'd', '{}')`.execute(bench.db);
  });
  afterAll(() => bench.close());

  const unit = (n: number) => String(n).padStart(64, "0");

  /** With two units, an outcome of each and one of nobody's, looks and a gate; all of it as old as its beginning. */
  async function rollout(
    name: string,
    { startedDaysAgo, endedDaysAgo }: { startedDaysAgo: number; endedDaysAgo: number | null },
  ) {
    const id = randomUUID();
    const { db } = bench;
    const at = (days: number) => sql`now() - ${days} * interval '1 day'`;
    const ended = endedDaysAgo === null ? sql`null` : at(endedDaysAgo);
    await sql`insert into sluice.rollouts (id, workflow_id, request_id, label, prompt, tenant, candidate_version,
        baseline_version, policy_sha256, policy, decision_version, salt, phase, started_at, outcome, ended_at)
      values (${id}, ${id}, ${id}, 'staging', ${bench.prompt}, ${name}, ${candidate}, ${baseline}, ${"0".repeat(64)}, '{}', '3',
        ${id}, ${endedDaysAgo === null ? "canary" : "done"}, ${at(startedDaysAgo)},
        ${endedDaysAgo === null ? null : "promoted"}, ${ended})`.execute(db);
    await sql`insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share) values (${id}, 1, 0, 'canary', 500)`.execute(
      db,
    );
    await sql`insert into sluice.rollout_metrics (rollout_id, metric, kind, window_ms) values (${id}, 'rating', 'mean', 3600000)`.execute(
      db,
    );
    for (const n of [1, 2]) {
      const { rows } = await sql<{ id: number }>`
        insert into sluice.exposures (rollout_id, unit, mode, arm, epoch, exposed_at)
        values (${id}, ${unit(n)}, 'canary', 'candidate', 1, ${at(startedDaysAgo)}) returning id`.execute(db);
      await sql`insert into sluice.open_units (exposure, window_ms, rollout_id, epoch, arm, closes_at)
        values (${rows[0]!.id}, 3600000, ${id}, 1, 'candidate', ${at(startedDaysAgo)})`.execute(db);
      await sql`insert into sluice.outcomes (id, received_at, version_id, rollout_id, unit, exposure, metrics, status)
        values (${randomUUID()}, ${at(startedDaysAgo)}, ${candidate}, ${id}, ${unit(n)}, ${rows[0]!.id}, '{"rating":5}', 'joined')`.execute(
        db,
      );
    }
    for (const [index, verdict] of LOOKS.entries())
      await sql`insert into sluice.assessments (rollout_id, tick, at, stage, epoch, verdict, reason, assessment, inputs, code_version)
        values (${id}, ${index + 1}, ${at(startedDaysAgo)}, 1, 1, ${verdict}, 'r', '{}', '{}', 'none')`.execute(
        db,
      );
    const evaluation = randomUUID();
    await sql`insert into sluice.evaluations (id, rollout_id, candidate_version, dataset_sha256, gate_sha256, started_at, ended_at)
      values (${evaluation}, ${id}, ${candidate}, ${"1".repeat(64)}, 'g', ${at(startedDaysAgo)}, ${at(startedDaysAgo)})`.execute(
      db,
    );
    await sql`insert into sluice.evaluation_results (evaluation_id, arm, case_index, repeat, result, recorded_at)
      values (${evaluation}, 'candidate', 0, 0, '{"pass":true}', ${at(startedDaysAgo)})`.execute(db);
    return id;
  }

  async function left(id: string) {
    const { rows } = await sql<Record<string, number>>`select
      (select count(*) from sluice.outcomes where rollout_id = ${id}) as outcomes,
      (select count(*) from sluice.exposures where rollout_id = ${id}) as exposures,
      (select count(*) from sluice.open_units where rollout_id = ${id}) as open_units,
      (select count(*) from sluice.evaluation_results r join sluice.evaluations e on e.id = r.evaluation_id
       where e.rollout_id = ${id}) as results`.execute(bench.db);
    const looks = await bench.db
      .selectFrom("assessments")
      .select("tick")
      .where("rollout_id", "=", id)
      .orderBy("tick")
      .execute();
    return { ...rows[0], looks: looks.map(({ tick }) => tick) };
  }

  const all = { outcomes: 2, exposures: 2, open_units: 2, results: 1, looks: [1, 2, 3, 4, 5, 6] };

  it("removes what has had its time and nothing that is needed, by Temporal's schedule, and says what it did", async () => {
    const { db } = bench;
    const running = await rollout("running", { startedDaysAgo: 500, endedDaysAgo: null });
    const recent = await rollout("recent", { startedDaysAgo: 500, endedDaysAgo: 20 });
    const halfYear = await rollout("half-year", { startedDaysAgo: 500, endedDaysAgo: 100 });
    const old = await rollout("old", { startedDaysAgo: 600, endedDaysAgo: 500 });
    await sql`insert into sluice.operations (id, request_sha256, outcome, applied_at) values
      ('of a time when something ran', 'x', '1', now() - interval '499 days'),
      ('of nobody''s', 'x', '1', now() - interval '501 days')`.execute(db);
    await sql`insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2) values
      (${candidate}, 'l', '', '', now() - interval '399 days', '', 1, 0, 0), (${candidate}, 'l', '', '', now() - interval '401 days', '', 1, 0, 0)`.execute(
      db,
    );
    await sql`insert into sluice.outcomes (id, received_at, version_id, metrics, status) values
      (${randomUUID()}, now() - interval '91 days', ${candidate}, '{}', 'unenrolled'),
      (${randomUUID()}, now() - interval '89 days', ${candidate}, '{}', 'unenrolled')`.execute(db);
    await sql`insert into sluice.dead_letters (operation_id, operation, payload, error, status, resolved_at) values
      ('open', 'notify', '{}', '{}', 'open', null), ('done', 'notify', '{}', '{}', 'redriven', now() - interval '366 days')`.execute(
      db,
    );

    await sql`insert into sluice.caller_values (prompt, day, label, service, tenant, kind, name, types, longest, calls)
      select prompt, now()::date - days, 'l', 'web', '', 'call', '', '{}', 0, 1
      from sluice.versions, unnest('{89,92}'::int[]) days where id = ${candidate}`.execute(db);

    const place = mkdtempSync(join(tmpdir(), "sluice-contents-"));
    onTestFinished(() => rmSync(place, { recursive: true }));
    const contents = openContents({ place });
    useContents(db, contents);
    /** Of those that are referred to the first is there, and one is not; nobody refers to the other two. */
    const [there, lost, unreferred, young] = ["a", "b", "c", "d"].map((digit) => digit.repeat(64));
    for (const sha256 of [there, lost, unreferred, young] as string[]) {
      await sql`insert into sluice.contents (sha256, bytes, place, written_at)
        values (${sha256}, 1, 'p', now() - interval '1 day' + ${sha256 === young ? 1 : -1} * interval '1 hour')`.execute(
        db,
      );
      if (sha256 !== lost) await contents.write(sha256, "{}");
    }
    await sql`insert into sluice.documents (sha256, kind, name, content_sha256)
      select c.sha256, 'dataset', 'golden-' || left(c.sha256, 1) || '.yaml', c.sha256
      from sluice.contents c where c.sha256 in (${there}, ${lost})`.execute(db);

    const before = await reportRetention(db, USUAL_RETENTION, { isCounting: true });
    const would = Object.fromEntries(before.tables.map(({ table, expired }) => [table, expired]));
    bench.startWorker({ withSchedules: true });
    const schedule = bench.client.schedule.getHandle(scheduleId("retention", bench.taskQueue));
    await expect
      .poll(
        () =>
          schedule.trigger().then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    const report = () => reportRetention(db, USUAL_RETENTION, { isCounting: true });
    await expect.poll(async () => (await report()).last?.endedAt ?? null, { timeout: 40_000 }).not.toBeNull();
    const { info } = await schedule.describe();
    const { workflowId } = info.recentActions.at(-1)!.action.workflow;
    const problems = { contents: "1 of 2 large datasets is lost: golden-b.yaml" };
    expect(await bench.client.workflow.getHandle(workflowId).result()).toEqual({
      removed: { ...would, contents: 1 },
      problems,
    });
    expect(readdirSync(place).toSorted()).toEqual(["aa", "cc", "dd"]);
    expect([await contents.has(there!), await contents.has(unreferred!), await contents.has(young!)]).toEqual(
      [true, false, true],
    );
    await keepWorkflowHistory(bench.client, workflowId, "retention-goes-once-through-all-that-has-its-time");

    expect(await left(running)).toEqual(all);
    expect(await left(recent)).toEqual(all);
    // Its answers go after 180 days, its looks after a year.
    expect(await left(halfYear)).toEqual({ ...all, outcomes: 0, exposures: 0, open_units: 0 });
    expect(await left(old)).toEqual({
      outcomes: 0,
      exposures: 0,
      open_units: 0,
      results: 0,
      looks: [2, 4, 6],
    });
    expect((await recomputeRollout(db, old)).removed).toMatchObject({ rows: 3 });
    expect((await recomputeRollout(db, recent)).removed).toBeNull();
    const operations = await db.selectFrom("operations").select("id").where("id", "like", "of %").execute();
    expect(operations).toEqual([{ id: "of a time when something ran" }]);
    const { tables, last } = await report();
    expect(last).toMatchObject({ removed: { ...would, contents: 1 }, problems, periods: USUAL_RETENTION });
    expect(would).toEqual({
      outcomes: 5,
      exposures: 4,
      open_units: 4,
      assessments: 3,
      evaluation_results: 1,
      usage: 1,
      usage_histogram: 0,
      answering: 0,
      operations: 1,
      dead_letters: 1,
      caller_values: 1,
    });
    expect(tables.map(({ expired }) => expired)).toEqual(tables.map(() => 0));
  }, 100_000);

  it("counts an outcome once that is sent again after its row was removed", async () => {
    const { id: rollout } = await bench.db.selectFrom("rollouts").select("id").executeTakeFirstOrThrow();
    const send = async (id: string) => {
      const batch = JSON.stringify({
        outcomes: [{ id, version: candidate, rollout, label: "l", metrics: { rating: 5 } }],
      });
      const { rows } = await sql<{
        counts: { outcomes: number };
      }>`select sluice.record_batch(${batch}::jsonb) as counts`.execute(bench.db);
      return rows[0]!.counts.outcomes;
    };
    const idOf = (daysAgo: number) => {
      const digits = (Date.now() - daysAgo * 86_400_000).toString(16).padStart(12, "0");
      return `${digits.slice(0, 8)}-${digits.slice(8)}-7abc-8abc-${randomUUID().slice(24)}`;
    };
    expect(await send(idOf(91))).toBe(0);
    expect((await storeGauges(bench.db)).tooOldOutcomes).toBe(1);
    expect((await statusOfRollout(bench.db, rollout))!.intake).toMatchObject({ too_old: 1 });
    expect(await send(idOf(89))).toBe(1);
    // A random one says nothing about its time.
    expect(await send(`00000001-0000-4000-8000-${randomUUID().slice(24)}`)).toBe(1);
  });

  it("tells webhooks that dead letters have come, once for all of them", async () => {
    const received: Record<string, unknown>[] = [];
    let status = 503;
    const receiver = createServer((request, response) => {
      void json(request).then((body) => {
        received.push(body as Record<string, unknown>);
        response.writeHead(status).end();
      });
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
    vi.stubEnv("SLUICE_ALLOW_ADDRESSES", "127.0.0.1");
    try {
      const { port } = receiver.address() as AddressInfo;
      const body = JSON.stringify({ notify: [{ webhook: `http://127.0.0.1:${port}/` }] });
      await sql`insert into sluice.documents (sha256, kind, name, body) values (${"2".repeat(64)}, 'policy', 'p', ${body}::jsonb)`.execute(
        bench.db,
      );
      await sql`update sluice.prompts set policy_sha256 = ${"2".repeat(64)} where name = ${bench.prompt}`.execute(
        bench.db,
      );
      const letter = (operation: string) =>
        sql`insert into sluice.dead_letters (operation_id, operation, prompt, payload, error)
          values (${randomUUID()}, ${operation}, ${bench.prompt}, '{}', '{"message":"the endpoint was away"}')`.execute(
          bench.db,
        );
      const untold = async () =>
        (
          await sql`select from sluice.dead_letters where told_at is null and prompt is not null and operation <> 'notify'`.execute(
            bench.db,
          )
        ).rows.length;
      const schedule = bench.client.schedule.getHandle(scheduleId("dead-letters", bench.taskQueue));
      await letter("rollout:canary");
      await letter("rollout:canary");
      await letter("notify");
      await schedule.trigger();
      await expect.poll(() => received.length, { timeout: 30_000 }).toBeGreaterThan(0);
      expect(await untold()).toBe(2);
      // A receiver that was away is told at the next run, and of everything.
      status = 200;
      await letter("rollout:promoting");
      await expect.poll(() => schedule.trigger().then(untold), { timeout: 40_000, interval: 1_000 }).toBe(0);
      expect(received.at(-1)).toMatchObject({
        event: "dead_letters",
        prompt: bench.prompt,
        new: 3,
        open: 4,
        newest: { operation: "rollout:promoting", message: "the endpoint was away" },
      });
      // What is sent twice, as after a lost answer, is the same by its id.
      const told = new Set(received.map(({ id }) => id));
      await schedule.trigger();
      await letter("rollout:canary");
      await expect.poll(() => schedule.trigger().then(untold), { timeout: 40_000, interval: 1_000 }).toBe(0);
      const since = received.filter(({ id }) => !told.has(id));
      expect(new Set(since.map(({ id }) => id)).size).toBe(1);
      expect(since[0]).toMatchObject({ new: 1, open: 5 });
      const { info } = await schedule.describe();
      const { workflowId } = info.recentActions.at(-1)!.action.workflow;
      await bench.client.workflow.getHandle(workflowId).result();
      await keepWorkflowHistory(bench.client, workflowId, "dead-letter-sweep-tells-what-has-come");
    } finally {
      vi.unstubAllEnvs();
      receiver.close();
    }
  }, 100_000);
});

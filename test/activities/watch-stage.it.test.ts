import { MockActivityEnvironment } from "@temporalio/testing";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { assessmentActivities } from "../../activities/assessments.ts";
import { pointerActivities } from "../../activities/pointers.ts";
import type { StageWatch, WatchResult } from "../../src/protocol/activity-values.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type StoredRollout, report, storeRollout } from "../support/stored-rollout.ts";

const POLICY = `
metrics: { rating: { window: 1s } }
canary:
  stages: [{ share: 25%, for: 5m }, { share: 50% }]
  interval: 100ms
  min_units: 40
  max_units: 600
  max_duration: 9m
  lease: 2s
  goal: { metric: rating, direction: higher, claim: superior }
`;
const MINUTES = 60_000;

describe("the watch of a stage", () => {
  let database: TestDatabase;
  let db: Database;
  let rollout: StoredRollout;
  let environment: MockActivityEnvironment;
  beforeEach(async () => {
    database = await createTestDatabase();
    db = openDatabase(database.url);
    rollout = await storeRollout(db, readPolicyFile(POLICY, "policy.yaml"));
    // Set here without the audit entry that a move needs.
    await sql`alter table sluice.pointers disable trigger pointers_audited`.execute(db);
    await sql`insert into sluice.pointers (label, prompt, active_version, candidate_version, mode, share, salt,
        epoch, rollout_id, lease_until)
      values ('production', ${`p-${rollout.id.slice(0, 8)}`}, ${rollout.baseline}, ${rollout.candidate}, 'canary',
        2500, 's', 1, ${rollout.id}, now() + interval '2 seconds')`.execute(db);
    environment = new MockActivityEnvironment();
  });
  afterEach(async () => {
    vi.useRealTimers();
    environment.cancel();
    await db.destroy();
    await database.drop();
  });
  function watch(more: Partial<StageWatch> = {}, within = environment): Promise<WatchResult> {
    const asked: StageWatch = {
      rolloutId: rollout.id,
      stage: 0,
      epoch: 1,
      mode: "canary",
      frozen: false,
      promoteNow: false,
      frozenMs: 0,
      until: null,
      awaits: null,
      ...more,
    };
    const { watchStage } = assessmentActivities({ db });
    return within.run(watchStage, asked) as Promise<WatchResult>;
  }
  const ticks = async () => {
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from sluice.assessments where rollout_id = ${rollout.id}`.execute(db);
    return rows[0]!.n;
  };
  /** What the newest look was decided from. */
  const newest = async () => {
    const { rows } = await sql<{ verdict: string; dwell: number; elapsed: number }>`
      select verdict, (inputs ->> 'dwellMs')::float8 as dwell, (inputs ->> 'elapsedMs')::float8 as elapsed
      from sluice.assessments where rollout_id = ${rollout.id} order by tick desc limit 1`.execute(db);
    return rows[0]!;
  };
  const stopped = async (running: Promise<unknown>) => {
    environment.cancel();
    await running.catch(() => undefined);
  };

  it("lasts as long as the database says, on a worker whose clock is ten minutes ahead", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10 * MINUTES });
    const running = watch();
    await expect.poll(ticks).toBeGreaterThan(1);
    const { verdict, dwell, elapsed } = await newest();
    expect({ verdict, isLate: dwell > MINUTES || elapsed > MINUTES }).toEqual({
      verdict: "continue",
      isLate: false,
    });
    await stopped(running);
  });

  it.each([
    ["back", -10],
    ["ahead", 10],
  ])("goes on looking and renewing when the worker's clock is set %s by ten minutes", async (_, minutes) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const running = watch();
    await expect.poll(ticks).toBeGreaterThan(0);
    vi.setSystemTime(Date.now() + minutes * MINUTES);
    const { rows } = await sql<{ until: Date }>`select lease_until as until from sluice.pointers`.execute(db);
    const before = await ticks();
    await expect.poll(ticks).toBeGreaterThan(before + 2);
    const renewed = async () => {
      const { rows: now } = await sql<{
        until: Date;
      }>`select lease_until as until from sluice.pointers`.execute(db);
      return now[0]!.until.getTime() - rows[0]!.until.getTime();
    };
    await expect.poll(renewed, { timeout: 5_000 }).toBeGreaterThan(0);
    expect((await newest()).verdict).toBe("continue");
    await stopped(running);
  });

  it("opens its stage again where the database is behind, because it was restored, and is nobody's where it is ahead", async () => {
    expect(await watch({ epoch: 3 })).toMatchObject({
      verdict: "lapsed",
      reason: expect.stringContaining("it was restored from a backup"),
    });
    expect(await watch({ epoch: 0 })).toMatchObject({ verdict: "superseded" });
    // A promotion that only Temporal knows of is not taken for one.
    const holdback = { rolloutId: rollout.id, stage: 0, epoch: 4, mode: "holdback" } as const;
    expect(await pointerActivities({ db }).openStage(holdback)).toMatchObject({
      moved: false,
      refusal: "superseded",
      message: expect.stringContaining("does not know of the promotion"),
    });
  });

  it("counts the time of all epochs of its stage, and leaves out what was paused", async () => {
    await sql`update sluice.rollout_epochs set opened_at = now() - interval '4 minutes'`.execute(db);
    await sql`insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share)
      values (${rollout.id}, 2, 0, 'canary', 2500)`.execute(db);
    await sql`update sluice.pointers set epoch = 2`.execute(db);
    const running = watch({ epoch: 2, frozenMs: MINUTES });
    await expect.poll(ticks).toBeGreaterThan(0);
    expect(Math.round((await newest()).dwell / MINUTES)).toBe(3);
    await stopped(running);
  });

  it("ends at a deadline of Temporal's clock, whatever its own clock says", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 10 * MINUTES });
    const scheduled = Date.now() + 3 * MINUTES;
    environment = new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: scheduled });
    const began = performance.now();
    expect(await watch({ frozen: true, until: scheduled + 400 })).toMatchObject({ verdict: "deadline" });
    expect(performance.now() - began).toBeGreaterThan(350);
  });

  it("keeps the lease while a backlog is folded that takes longer than the lease", async () => {
    // Each batch waits: five of them are longer than the lease, and none is as long.
    await sql
      .raw(
        `create function slow() returns trigger language plpgsql as
      'begin perform pg_sleep(0.6); return null; end';
      create trigger slow after insert on sluice.cells for each statement execute function slow()`,
      )
      .execute(db);
    await sql`insert into sluice.exposures (rollout_id, unit, mode, arm, epoch, exposed_at)
      select ${rollout.id}::uuid, lpad(n::text, 64, '0'), 'canary', case n % 2 when 0 then 'candidate' else 'control' end, 1,
        now() - interval '1 hour'
      from generate_series(1, 20001) n`.execute(db);
    await sql`insert into sluice.open_units (exposure, window_ms, rollout_id, epoch, arm, closes_at)
      select id, 1000, rollout_id, epoch, arm, now() - interval '30 minutes' from sluice.exposures`.execute(
      db,
    );
    const running = watch({ frozen: true });
    const looked = (async () => {
      await expect.poll(ticks, { timeout: 20_000 }).toBeGreaterThan(1);
      return "looked, with the lease held";
    })();
    expect(await Promise.race([running.then(JSON.stringify), looked])).toBe("looked, with the lease held");
    await stopped(running);
  });

  it("adds no look where it is started again, paused or resumed: the next is due an interval after the last", async () => {
    await sql`update sluice.rollouts set policy = jsonb_set(policy, '{canary,interval_ms}', '3600000')`.execute(
      db,
    );
    const leaseUntil = async () =>
      (await db.selectFrom("pointers").select("lease_until").executeTakeFirst())!.lease_until!;
    const started = async (more: Partial<StageWatch>, wanted: number) => {
      environment = new MockActivityEnvironment();
      const running = watch(more);
      // A look comes before the second renewal, if there is one.
      for (let renewals = 0; renewals < 2; renewals++) {
        const before = await leaseUntil();
        await expect.poll(leaseUntil, { timeout: 5_000 }).not.toEqual(before);
      }
      expect(await ticks()).toBe(wanted);
      await stopped(running);
    };
    await started({}, 1);
    for (const frozen of [true, false, true]) await started({ frozen }, 1);
    await sql`alter table sluice.assessments disable trigger user`.execute(db);
    // As if the database's clock had been set back since: no later than an interval from now, and none before.
    await sql`update sluice.assessments set at = now() + interval '1 day'`.execute(db);
    await started({}, 1);
    await sql`update sluice.assessments set at = now() - interval '1 hour'`.execute(db);
    await started({ frozen: true }, 2);
    environment = new MockActivityEnvironment();
    expect(await watch({ promoteNow: true })).toMatchObject({ ticks: 3 });
  });

  it("gives no deciding verdict that is not stored: one that lingers may have taken its number", async () => {
    const units = Array.from({ length: 400 }, (_, n) => `u${n}`);
    const armOf = (index: number) => (index % 2 === 0 ? "candidate" : "control");
    await report(db, {
      exposures: units.map((unit, index) => rollout.exposure(unit, armOf(index))),
      outcomes: units.map((unit, index) =>
        rollout.outcome(unit, { rating: (index % 2 === 0 ? 4.4 : 3.4) + (index % 7) / 7 }, armOf(index)),
      ),
    });
    await sql`update sluice.open_units set closes_at = now() - interval '1 second'`.execute(db);
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const lingering = db.transaction().execute(async (transaction) => {
      await sql`insert into sluice.assessments (rollout_id, tick, stage, epoch, verdict, reason, baseline_version,
          assessment, inputs, code_version)
        values (${rollout.id}, 1, 1, 1, 'continue', 'old watcher', ${rollout.baseline},
          '{"fuseStreaks":{}}', '{}', '2')`.execute(transaction);
      await held;
    });
    const running = watch({ promoteNow: true });
    const waiting = async () => {
      const { rows } = await sql<{ n: number }>`select count(*) as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
      return rows[0]!.n;
    };
    await expect.poll(waiting).toBe(1);
    release();
    await lingering;
    const { verdict, ticks: number } = await running;
    expect(verdict).not.toBe("continue");
    const { rows } = await sql<{ tick: number; verdict: string }>`
      select tick, verdict from sluice.assessments where rollout_id = ${rollout.id} order by tick`.execute(
      db,
    );
    expect(rows.at(-1)).toEqual({ tick: number, verdict });
  });

  it("ends as superseded, not as broken data, when what a tenant inherits has moved", async () => {
    // The tenant has nothing of its own, so its baseline is what everybody is served.
    const [own] = await db.selectFrom("pointers").selectAll().execute();
    await sql`update sluice.pointers set tenant = 'acme', active_version = null`.execute(db);
    await sql`update sluice.rollouts set tenant = 'acme', inherits = true`.execute(db);
    await db
      .insertInto("pointers")
      .values({
        label: "production",
        prompt: own!.prompt,
        model: "",
        tenant: "",
        active_version: rollout.baseline,
      })
      .execute();
    const watching = watch();
    await vi.waitFor(async () => expect(await ticks()).toBeGreaterThan(0));
    await sql`update sluice.pointers set active_version = ${rollout.candidate} where tenant = ''`.execute(db);
    expect(await watching).toMatchObject({
      verdict: "superseded",
      reason: "the baseline has moved since the rollout started",
    });
  });
});

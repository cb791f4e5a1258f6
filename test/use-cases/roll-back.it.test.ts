import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { scopeColumns, type ScopeColumns } from "../../src/domain/scope.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { rollBack } from "../../src/use-cases/roll-back.ts";
import type { LockNews } from "../../src/use-cases/watch-lock.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { openStore, type Store } from "../resolver/support/store.ts";

describe("a rollback that is kept waiting", () => {
  let store: Store;
  let db: Database;
  let scope: ScopeColumns;
  let holder: pg.Client;
  let news: LockNews[];
  beforeAll(async () => {
    store = await openStore();
    db = openDatabase(store.url, { max: 4 });
  });
  afterAll(async () => {
    await db.destroy();
    await store.close();
  });
  beforeEach(async () => {
    const prompt = `p-${randomUUID().slice(0, 8)}`;
    scope = scopeColumns({ label: "production", prompt });
    const one = await store.addVersion(prompt, artifact("One"));
    const two = await store.addVersion(prompt, artifact("Two"));
    await store.movePointer(scope, { active_version: two, previous_version: one });
    holder = new pg.Client({ connectionString: store.url, application_name: "a notebook" });
    holder.on("error", () => undefined);
    await holder.connect();
    news = [];
  });

  const back = (endBlockers = false) =>
    rollBack(db, { scope, reason: "bad", by: null }, { endBlockers, onNews: (one) => void news.push(one) });

  // The pointer's own row, the rows that a move writes besides, and the table.
  it.each([
    "select from sluice.pointers where prompt = '$' for update",
    "insert into sluice.audit_heads (prompt, seq, hash) values ('$', 0, repeat('0', 64))",
    "lock table sluice.pointers in access exclusive mode",
  ])("says who holds the lock, and goes on when it is let go: %s", async (statement) => {
    await holder.query(`begin; ${statement.replace("$", scope.prompt)}`);
    const { rows } = await holder.query("select pg_backend_pid() as pid");
    const rolling = back();
    await eventually("it is said", () => news.length > 0);
    expect(news[0]).toMatchObject({
      kind: "waiting",
      blockers: [{ pid: rows[0].pid, application: "a notebook", openMs: expect.any(Number) }],
    });
    await holder.query("rollback");
    expect(await rolling).toMatchObject({ serves: `${scope.prompt}@1`, changed: true });
    await holder.end();
  });

  it("names who is at the root of a queue, not who waits in it too", async () => {
    await holder.query(`begin; select from sluice.pointers where prompt = '${scope.prompt}' for update`);
    const queueing = new pg.Client(store.url);
    await queueing.connect();
    const { rows } = await queueing.query("select pg_backend_pid() as pid");
    const queued = queueing.query(`select from sluice.pointers where prompt = '${scope.prompt}' for update`);
    await eventually("it is in the queue", async () => {
      const waiting = "select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'";
      return (await holder.query(waiting, [rows[0].pid])).rowCount === 1;
    });
    const rolling = back();
    await eventually("it is said", () => news.length > 0);
    expect(news[0]).toMatchObject({ blockers: [{ application: "a notebook" }] });
    await holder.query("rollback");
    await Promise.all([rolling, queued]);
    await Promise.all([holder.end(), queueing.end()]);
  });

  it("ends the rollout when it closes it, not when it began to wait: what was stored meanwhile came before", async () => {
    const candidate = await store.addVersion(scope.prompt, artifact("Three"));
    const [pointer] = await db
      .selectFrom("pointers")
      .selectAll()
      .where("prompt", "=", scope.prompt)
      .execute();
    const rollout = await store.addRollout(scope.prompt, candidate, pointer!.active_version!);
    await db.updateTable("rollouts").set({ tenant: "" }).where("id", "=", rollout).execute();
    await store.movePointer(scope, {
      candidate_version: candidate,
      mode: "canary",
      share: 500,
      salt: "s",
      epoch: 1,
      rollout_id: rollout,
      lease_until: new Date(Date.now() + 60_000),
    });
    await holder.query(`begin; select from sluice.pointers where prompt = '${scope.prompt}' for update`);
    const rolling = back();
    await eventually("it is said", () => news.length > 0);
    const { rows } = await holder.query("select clock_timestamp() as at");
    await holder.query("rollback");
    await rolling;
    const ended = await db
      .selectFrom("rollouts")
      .select("ended_at")
      .where("id", "=", rollout)
      .executeTakeFirstOrThrow();
    expect(ended.ended_at!.getTime()).toBeGreaterThanOrEqual(rows[0].at.getTime());
    await holder.end();
  });

  it("ends who holds the lock where it was asked to", async () => {
    await holder.query(`begin; select from sluice.pointers where prompt = '${scope.prompt}' for update`);
    expect(await back(true)).toMatchObject({ serves: `${scope.prompt}@1` });
    expect(news.map(({ kind }) => kind)).toEqual(["waiting", "ended"]);
  });
});

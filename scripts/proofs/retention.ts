import { isDeepStrictEqual } from "node:util";
import { sql } from "kysely";
import { createOutcomeStore, type OutcomeStore } from "../../bench/outcomes-store.ts";
import { closeWindows, tick } from "../../bench/outcomes-tick.ts";
import { scopeColumns } from "../../src/domain/scope.ts";
import { EXPIRING } from "../../src/storage/expired-rows.ts";
import { readRolloutEvidence } from "../../src/storage/read/rollout-evidence.ts";
import { readUsage } from "../../src/storage/read/usage.ts";
import { removeExpired } from "../../src/storage/write/remove-expired.ts";
import { recomputeRollout } from "../../src/use-cases/recompute-rollout.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";

const OUTCOMES = 2_000_000;
const BATCH = 1_000;
const PER_UNIT = 5;
/** What the running rollout reports, of all. It comes last, where the table cannot be cut off behind it. */
const RUNNING_PART = 0.2;
const MEASURED = 15;
/** Two medians of one machine that others use too: by half, or by some ms where that is nothing. */
const slower = (before: number) => Math.max(before * 1.5, before + 15);

/**
 * `npm run prove -- retention [OUTCOMES]`: a store of so many outcomes of a rollout that is over, of one that runs, and
 * of nobody's. What has had its time is removed: the store gets smaller, what runs keeps every row, ticks and usage are
 * no slower, and both rollouts are decided as they were.
 */
export async function prove({ words }: ProofOptions): Promise<Finding> {
  const outcomes = Number(words[0] ?? OUTCOMES);
  const store = await createOutcomeStore();
  try {
    return await judge(store, outcomes);
  } finally {
    await store.close();
  }
}

async function judge(store: OutcomeStore, outcomes: number): Promise<Finding> {
  const { db } = store;
  const [over, running] = [await store.addRollout(), await store.addRollout()];
  const began = performance.now();
  const ofRunning = Math.round((outcomes * RUNNING_PART) / BATCH);
  const ofOver = Math.round(outcomes / BATCH) - ofRunning;
  for (let batch = 0; batch < ofOver; batch++) await report(store, over, batch);
  await look(store, over, 3);
  await sql`update sluice.rollouts set outcome = 'promoted', phase = 'done', ended_at = now() where id = ${over}`.execute(
    db,
  );
  for (let batch = 0; batch < ofRunning; batch++) await report(store, running, batch);
  await look(store, running, 3);
  await vacuum(store);
  process.stdout.write(`${outcomes} outcomes reported in ${seconds(began)}\n`);

  const before = await seen(store, over, running);
  const removing = performance.now();
  const removed = await removeAll(store);
  const took = seconds(removing);
  await vacuum(store);
  const after = await seen(store, over, running);
  // What comes next finds room in what was freed.
  for (let batch = 0; batch < Math.ceil(ofOver / 4); batch++) await report(store, running, ofRunning + batch);
  const grown = await sizeOf(store);
  await store.connection.query("vacuum full sluice.outcomes");
  const packed = await sizeOf(store, "outcomes");

  const percent = (part: number) => `${Math.round(100 * part)} %`;
  return whole([
    found(removed > outcomes / 2 ? "holds" : "VIOLATED", `${removed} rows removed in ${took}`),
    found(
      isDeepStrictEqual(after.kept, before.kept) && before.kept["outcomes"]! > 0 ? "holds" : "VIOLATED",
      `the running rollout has all of its rows: ${JSON.stringify(after.kept)}`,
    ),
    found(
      isDeepStrictEqual(after.evidence, before.evidence) ? "holds" : "VIOLATED",
      "what both are decided by is what it was",
    ),
    found(
      before.recomputed && after.recomputed ? "holds" : "VIOLATED",
      "each look of both comes out as it was stored, before and after",
    ),
    found(
      after.tickMs <= slower(before.tickMs) ? "holds" : "VIOLATED",
      `a tick took ${before.tickMs.toFixed(1)} ms before, ${after.tickMs.toFixed(1)} ms after (median of ${MEASURED})`,
    ),
    found(
      after.usageMs <= slower(before.usageMs) ? "holds" : "VIOLATED",
      `usage took ${before.usageMs.toFixed(1)} ms before, ${after.usageMs.toFixed(1)} ms after`,
    ),
    found(
      grown <= before.bytes * 1.05 ? "holds" : "VIOLATED",
      `with a quarter as many again, after a plain vacuum, the tables take ${percent(grown / before.bytes)} of what they took`,
    ),
    found(
      packed <= before.outcomeBytes * 0.6 ? "holds" : "VIOLATED",
      `packed, outcomes take ${percent(packed / before.outcomeBytes)} of what they took`,
    ),
  ]);
}

/** A batch of outcomes, half of them of units of the rollout, as a service reports it. */
async function report(
  { db, candidate, baseline }: OutcomeStore,
  rollout: string,
  batch: number,
): Promise<void> {
  const units = BATCH / PER_UNIT / 2;
  await sql`
    with units as (
      select n, encode(sha256(${`${rollout}/${batch}/`}::bytea || n::text::bytea), 'hex') as unit,
        case when n % 2 = 0 then 'candidate' else 'control' end as arm
      from generate_series(1, ${units}) n
    )
    select sluice.record_batch(jsonb_build_object(
      'exposures', (select jsonb_agg(jsonb_build_object('rollout', ${rollout}::text, 'unit', unit, 'arm', arm, 'epoch', 1)) from units),
      'outcomes', (select jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'label', 'production',
          'version', case when arm = 'candidate' then ${candidate}::text else ${baseline}::text end,
          'metrics', jsonb_build_object('rating', 1 + (n * 7 + i) % 5, 'latency_ms', 200 + (n * 31 + i * 17) % 400, 'error', (n % 50 = 0)::int))
          || case when i % 2 = 0 then jsonb_build_object('rollout', ${rollout}::text, 'unit', unit) else '{}' end)
        from units, generate_series(1, ${PER_UNIT * 2}) i)))`.execute(db);
}

async function look(store: OutcomeStore, rollout: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await closeWindows(store, rollout, 30_000);
    await tick(store, rollout);
  }
}

/** What retention must not change, and what it must not make slower. */
async function seen(store: OutcomeStore, over: string, running: string) {
  const { db } = store;
  const kept: Record<string, number> = {};
  for (const table of ["outcomes", "exposures", "open_units", "cells"]) {
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from ${sql.table(`sluice.${table}`)} where rollout_id = ${running}`.execute(db);
    kept[table] = rows[0]!.n;
  }
  const scope = scopeColumns({ label: "production", prompt: "bench" });
  const evidence = [
    await readRolloutEvidence(db, over, "canary"),
    await readRolloutEvidence(db, running, "canary"),
  ];
  const recomputed = [await recomputeRollout(db, over), await recomputeRollout(db, running)];
  const since = new Date(Date.now() - 86_400_000);
  return {
    kept,
    // Silence, beside these, is told by how long ago the newest value came.
    evidence: evidence.map(({ cells, segments, exposures }) => ({ cells, segments, exposures })),
    recomputed: recomputed.every(({ looks, identical }) => looks > 0 && identical),
    tickMs: await median(() => tick(store, running)),
    usageMs: await median(async () => {
      const start = performance.now();
      await readUsage(db, { scope, since });
      return performance.now() - start;
    }),
    bytes: await sizeOf(store),
    outcomeBytes: await sizeOf(store, "outcomes"),
  };
}

async function median(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < MEASURED; time++) times.push(await measure());
  return times.toSorted((a, b) => a - b)[Math.floor(MEASURED / 2)]!;
}

/** As the workflow does, with all that is there a moment from now had its time. Gives how many rows went. */
async function removeAll({ db }: OutcomeStore): Promise<number> {
  const { rows } = await sql<{
    before: Date;
  }>`select clock_timestamp() + interval '1 second' as before`.execute(db);
  const before = rows[0]!.before;
  let removed = 0;
  for (const { table } of EXPIRING.filter(({ kind }) => kind === "outcomes"))
    for (let fromBlock: number | null = 0; fromBlock !== null;) {
      const slice = await removeExpired(db, { table, before, fromBlock });
      removed += slice.rows;
      fromBlock = slice.next;
    }
  return removed;
}

async function vacuum({ connection }: OutcomeStore): Promise<void> {
  for (const { table } of EXPIRING) await connection.query(`vacuum (analyze) sluice.${table}`);
}

async function sizeOf({ db }: OutcomeStore, only?: string): Promise<number> {
  const tables = only === undefined ? ["outcomes", "exposures", "open_units"] : [only];
  const { rows } = await sql<{ bytes: number }>`
    select sum(pg_total_relation_size(('sluice.' || name)::regclass))::bigint as bytes
    from unnest(${tables}::text[]) name`.execute(db);
  return rows[0]!.bytes;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

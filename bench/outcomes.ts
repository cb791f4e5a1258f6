import { sql } from "kysely";
import { seededRandom } from "../src/statistics/planning/seeded-random.ts";
import { createOutcomeStore, type OutcomeStore } from "./outcomes-store.ts";
import { reportBatch, type Reports } from "./outcomes-stream.ts";
import { closeWindows, tick } from "./outcomes-tick.ts";
import { upsertRate } from "./outcomes-upsert.ts";
import type { BenchOptions, Row } from "./row.ts";

const BATCH = 2_000;
const PER_UNIT = 5;
/** Outcomes between two folds, and for a rate. */
const BLOCK = 100_000;
const GOAL = 40_000;
const FEW = 10_000;
/** Units whose window closes at a measured tick. */
const TICK_UNITS = 1_000;
const TICKS = 9;
const UPSERT_MS = 4_000;
/** Outcomes a minute that a slow machine stores, generating them included. */
const A_MINUTE = 800_000;

/**
 * How fast one connection stores what services report (each outcome once, with one metric, joined to its
 * unit's exposure, every fifth with the exposure itself, in a Postgres that keeps what it commits), whether
 * that stays so as outcomes pile up, and whether a tick notices them; and how fast with two metrics.
 * `--count` says how many outcomes.
 */
export async function run({ seed, minutes, count, progress }: BenchOptions): Promise<readonly Row[]> {
  const total = Math.max(4 * BLOCK, Math.ceil((count ?? Math.min(1.5, minutes) * A_MINUTE) / BLOCK) * BLOCK);
  const random = seededRandom(seed);
  const store = await createOutcomeStore();
  try {
    const upserts = await upsertRate(store, random, UPSERT_MS);
    progress(`a statement an outcome: ${round(upserts)}/s`);
    const rollout = await store.addRollout();
    const reports: Reports = { ...store, rollout, random, batch: BATCH, perUnit: PER_UNIT, metrics: 1 };
    const early = await fill(store, reports, 0, FEW);
    const ticksAtFew = await ticks(store, rollout);
    const blocks: Block[] = [];
    for (let stored = early.outcomes; stored < total; stored += BLOCK) {
      const block = await fill(store, reports, stored, Math.min(BLOCK, total - stored));
      blocks.push(block);
      // As a worker would meanwhile, so that open units stay as many as a window's traffic has.
      await closeWindows(store, rollout, BLOCK);
      await tick(store, rollout);
      progress(`${round(stored + block.outcomes)} outcomes: ${round(rate([block]))}/s`);
    }
    await fill(store, reports, total, FEW);
    const ticksAtMany = await ticks(store, rollout);
    await agrees(store, rollout);
    const another = await store.addRollout();
    const pairs = await fill(store, { ...reports, rollout: another, metrics: 2 }, 0, 2 * BLOCK);
    const part = Math.max(1, Math.floor(blocks.length / 4));
    return rowsOf({
      upserts,
      total,
      first: blocks.slice(0, part),
      last: blocks.slice(-part),
      ticksAtFew,
      ticksAtMany,
      pairs,
    });
  } finally {
    await store.close();
  }
}

interface Block {
  readonly outcomes: number;
  /** Time in which the connection was at work, and that its backend had the processor. */
  readonly ms: number;
  readonly backendMs: number | null;
}

/** Reports so many outcomes, from the given one on. */
async function fill(store: OutcomeStore, reports: Reports, from: number, outcomes: number): Promise<Block> {
  let ms = 0;
  const before = store.backendMs();
  for (let at = from / BATCH; at < (from + outcomes) / BATCH; at++) {
    const batch = reportBatch(reports, at);
    const start = performance.now();
    const { rows } = await store.connection.query("select sluice.record_batch($1::jsonb) as receipt", [
      batch,
    ]);
    ms += performance.now() - start;
    const { receipt } = rows[0];
    if (receipt.outcomes !== BATCH || receipt.joined !== reports.metrics * BATCH)
      throw new Error(`a batch was not taken whole: ${JSON.stringify(receipt)}`);
  }
  const after = store.backendMs();
  return { outcomes, ms, backendMs: before === null || after === null ? null : after - before };
}

/** The time of each of some ticks, in ms, each with as many units to fold. */
async function ticks(store: OutcomeStore, rollout: string): Promise<number[]> {
  const times: number[] = [];
  // The first one warms up.
  for (let i = 0; i <= TICKS; i++) {
    await closeWindows(store, rollout, Math.floor(TICK_UNITS / (TICKS + 1)));
    const ms = await tick(store, rollout);
    if (i > 0) times.push(ms);
  }
  return times;
}

/** Nothing was lost or counted twice on the way. */
async function agrees({ db }: OutcomeStore, rollout: string): Promise<void> {
  const { rows } = await sql<{ exposed: number; folded: number; open: number }>`
    select (select sum(units) from sluice.exposure_counts where rollout_id = ${rollout}::uuid)::float8 as exposed,
           (select sum(units) from sluice.cells where rollout_id = ${rollout}::uuid and metric = 'rating')::float8
             as folded,
           (select count(*) from sluice.open_units where rollout_id = ${rollout}::uuid)::float8 as open`.execute(
    db,
  );
  const { exposed, folded, open } = rows[0]!;
  if (exposed !== folded + open) throw new Error(`${exposed} units exposed, ${folded} folded, ${open} open`);
}

interface Measured {
  readonly upserts: number;
  readonly total: number;
  readonly first: readonly Block[];
  readonly last: readonly Block[];
  readonly ticksAtFew: readonly number[];
  readonly ticksAtMany: readonly number[];
  /** Outcomes of two metrics each. */
  readonly pairs: Block;
}

function rowsOf({ upserts, total, first, last, ticksAtFew, ticksAtMany, pairs }: Measured): Row[] {
  const [few, many] = [median(ticksAtFew), median(ticksAtMany)];
  const peer = { peer: upserts, peerName: "a statement an outcome" };
  const none = { peer: null, peerName: null, limit: null, ratio: null };
  const ingest = (work: string, blocks: readonly Block[]): Row => ({
    work,
    ours: rate(blocks),
    unit: "outcomes/s",
    ...peer,
    limit: processorRate(blocks),
    ratio: rate(blocks) / upserts,
    goal: GOAL,
    met: rate(blocks) >= GOAL,
    note: "limit: were the backend never kept waiting for a processor, the disk or the client",
  });
  const flatness = (work: string, ours: number): Row => ({
    ...none,
    work,
    ours,
    unit: "times",
    goal: 0.85,
    met: ours >= 0.85,
  });
  return [
    ingest(`ingest, the first ${round(sum(first))}`, first),
    ingest(`ingest, the last ${round(sum(last))} of ${round(total)}`, last),
    { ...ingest("ingest then, with two metrics an outcome", [pairs]), goal: null, met: null },
    flatness("ingest at the end, of that at the start", rate(last) / rate(first)),
    ...(processorRate(first) === null || processorRate(last) === null
      ? []
      : // What others do on the machine meanwhile shows much less in this one.
        [flatness("the same by processor time", processorRate(last)! / processorRate(first)!)]),
    { ...none, work: `a tick with ${round(FEW)} stored`, ours: few, unit: "ms", goal: null, met: null },
    { ...none, work: `a tick with ${round(total)} stored`, ours: many, unit: "ms", goal: null, met: null },
    {
      ...none,
      work: "a tick with many stored, of one with few",
      ours: many / few,
      unit: "times",
      goal: 1.5,
      met: many / few <= 1.5,
    },
  ];
}

function rate(blocks: readonly Block[]): number {
  return (1000 * sum(blocks)) / blocks.reduce((ms, block) => ms + block.ms, 0);
}

function processorRate(blocks: readonly Block[]): number | null {
  const ms = blocks.reduce<number | null>(
    (all, block) => (all === null || block.backendMs === null ? null : all + block.backendMs),
    0,
  );
  return ms === null || ms === 0 ? null : (1000 * sum(blocks)) / ms;
}

function sum(blocks: readonly Block[]): number {
  return blocks.reduce((outcomes, block) => outcomes + block.outcomes, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function round(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

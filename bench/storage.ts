import { sql } from "kysely";
import { seededRandom } from "../src/statistics/planning/seeded-random.ts";
import { createOutcomeStore, type OutcomeStore } from "./outcomes-store.ts";
import { type Reports, reportBatch } from "./outcomes-stream.ts";
import { closeWindows, tick } from "./outcomes-tick.ts";
import type { Bench, Row } from "./row.ts";

const BATCH = 2_000;
const PER_UNIT = 5;
const OUTCOMES = 200_000;
/** Each with units of its own to fold. */
const LOOKS = 50;
/** Those that grow with what services report. */
const TABLES = ["outcomes", "exposures", "open_units", "assessments"] as const;

/**
 * Bytes that a row of each growing table takes, its indexes included, after so many outcomes (`--count`) of two metrics,
 * five a unit; those of folded units are gone from `open_units`, so that is measured before the fold.
 */
export const run: Bench = async ({ seed, count = OUTCOMES, progress }) => {
  const store = await createOutcomeStore();
  try {
    const rollout = await store.addRollout();
    const random = seededRandom(seed);
    const reports: Reports = { ...store, rollout, random, batch: BATCH, perUnit: PER_UNIT, metrics: 2 };
    for (let at = 0; at < count / BATCH; at++) {
      await store.connection.query("select sluice.record_batch($1::jsonb)", [reportBatch(reports, at)]);
      if (at % 25 === 24) progress(`${(at + 1) * BATCH} outcomes`);
    }
    const open = await sizeOf(store, "open_units");
    for (let look = 0; look < LOOKS; look++) {
      await closeWindows(store, rollout, Math.ceil(count / PER_UNIT / LOOKS));
      await tick(store, rollout);
    }
    const rows: Row[] = [];
    for (const table of TABLES)
      rows.push(rowOf(table, table === "open_units" ? open : await sizeOf(store, table)));
    return rows;
  } finally {
    await store.close();
  }
};

interface Size {
  readonly rows: number;
  readonly bytes: number;
}

async function sizeOf({ db }: OutcomeStore, table: (typeof TABLES)[number]): Promise<Size> {
  const { rows } = await sql<Size>`
    select count(*)::integer as rows, pg_total_relation_size(${`sluice.${table}`})::float8 as bytes
    from ${sql.table(table)}`.execute(db);
  return rows[0]!;
}

function rowOf(table: string, { rows, bytes }: Size): Row {
  return {
    work: table,
    ours: rows === 0 ? null : bytes / rows,
    unit: "bytes a row",
    peer: null,
    peerName: null,
    limit: null,
    ratio: null,
    goal: null,
    met: null,
    note: `${rows} rows`,
  };
}

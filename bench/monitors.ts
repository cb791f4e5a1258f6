import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { createSluice } from "../src/index.ts";
import { startPostgres } from "../src/local/postgres/postgres.ts";
import { createRunFolder } from "../src/local/stack/run-folder.ts";
import { logBucket, ZERO_BUCKET } from "../src/statistics/log-histogram.ts";
import { type Database, openDatabase } from "../src/storage/database.ts";
import { migrate } from "../src/storage/migrator.ts";
import { watchMonitors } from "../src/use-cases/watch-monitors.ts";
import type { Bench } from "./row.ts";

/** Each has the seven usual monitors. */
const PROMPTS = 143;
const HOUR_MS = 3_600_000;
/** As long as a reference is. */
const BEFORE_HOURS = 14 * 24;
const RUNS = 15;
/** Looks in which all references are made: so many of them at a time. */
const WARM = 18;
const GOAL_MS = 2_000;
const METRICS = ["error", "refusal", "format_failure", "truncated", "latency_ms", "cost_usd", "input_tokens"];

/** One look at a thousand monitors with an hour of calls each, two weeks of them behind it. */
export const run: Bench = async ({ progress }) => {
  const folder = await createRunFolder(join(tmpdir(), "sluice-benches"));
  const server = await startPostgres({ dataDir: join(folder.path, "postgres") });
  const db = openDatabase(server.url);
  const begin = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - (BEFORE_HOURS + WARM + RUNS) * HOUR_MS;
  try {
    await migrate(db);
    progress(`${PROMPTS} prompts, ${BEFORE_HOURS + WARM + RUNS} hours of calls`);
    await serve(server.url);
    await happen(db, begin);
    const look = async (hour: number) => {
      const began = performance.now();
      const at = new Date(begin + hour * HOUR_MS + HOUR_MS / 2);
      await watchMonitors(db, { log: () => undefined, everyMs: 0, at });
      return performance.now() - began;
    };
    const first: number[] = [];
    for (let at = 0; at < WARM; at++) first.push(await look(BEFORE_HOURS + at));
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from sluice.monitor_states where watch ->> 'reference' is not null`.execute(
      db,
    );
    const watched = rows[0]!.n;
    if (watched !== PROMPTS * METRICS.length) throw new Error(`${watched} monitors have a reference`);
    const times: number[] = [];
    for (let at = 0; at < RUNS; at++) times.push(await look(BEFORE_HOURS + WARM + at));
    const none = { peer: null, peerName: null, limit: null, ratio: null, unit: "ms", goal: GOAL_MS };
    const ours = times.toSorted((one, other) => one - other)[Math.floor(RUNS / 2)]!;
    const worst = Math.max(...first);
    return [
      {
        ...none,
        work: `a look at ${watched} monitors, an hour of calls of each`,
        ours,
        met: ours <= GOAL_MS,
        runs: RUNS,
        note: "median",
      },
      {
        ...none,
        work: "the same while their references are made",
        ours: worst,
        met: worst <= GOAL_MS,
        runs: WARM,
        note: "the slowest",
      },
    ];
  } finally {
    await db.destroy();
    await server.stop();
    folder.remove();
  }
};

async function serve(databaseUrl: string): Promise<void> {
  const sluice = createSluice({ databaseUrl, actor: "bench" });
  try {
    for (let at = 0; at < PROMPTS; at++) {
      const name = `watched-${at}`;
      const file = JSON.stringify({
        name,
        model: "openai/gpt-5-mini",
        messages: [{ role: "user", content: "Hi" }],
      });
      await sluice.push({ file });
      await sluice.setPointer({ version: `${name}@1`, expectedRevision: 0, reason: "bench", force: true });
    }
  } finally {
    await sluice.close();
  }
}

/** 200 calls an hour of each, as outcomes leave them: of every metric some that count, fewer of them in some hours than in others. */
async function happen(db: Database, begin: number): Promise<void> {
  const hours = BEFORE_HOURS + WARM + RUNS;
  for (const [bucket, count] of [
    [ZERO_BUCKET, sql`196 - h % 3`],
    [logBucket(1), sql`4 + h % 3`],
  ] as const)
    await sql`
      insert into sluice.usage_histogram (version_id, label, model, tenant, hour, metric, bucket, n)
      select v.id, 'production', 'gpt-5-mini', '', ${new Date(begin)}::timestamptz + h * interval '1 hour', m, ${bucket}, ${count}
      from sluice.versions v, generate_series(0, ${hours - 1}::int) h, unnest(${METRICS}::text[]) m
      where v.prompt <> ''`.execute(db);
  await sql`analyze sluice.usage_histogram`.execute(db);
}

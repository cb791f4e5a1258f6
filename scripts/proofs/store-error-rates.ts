import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../src/local/stack/run-folder.ts";
import { seededRandom } from "../../src/statistics/planning/seeded-random.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { clusteredRequests, driftingBaseline } from "../../test/support/store-error-rates.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";

const RUNS = { drift: 1000, clusters: 2000 };

/**
 * The error rates through the real store, by the full number of runs: a drifting base rate under growing
 * shares, and several requests a user, nothing being different. By the upper 95 % limit no more than what is
 * promised may be found; what one would do without thinking must be seen to be deceived.
 */
export async function prove({ seed, minutes }: ProofOptions): Promise<Finding> {
  const run = await createRunFolder(join(tmpdir(), "sluice-proofs"));
  const server = await startPostgres({ dataDir: join(run.path, "postgres"), durable: false });
  const db = openDatabase(server.url);
  try {
    await migrate(db);
    return await judge(db, seed, performance.now() + minutes * 60_000);
  } finally {
    await db.destroy();
    await server.stop();
    run.remove();
  }
}

async function judge(db: Database, seed: number, until: number): Promise<Finding> {
  const share = (part: number) => until - (1 - part) * (until - performance.now());
  const half = share(0.85);
  const drift = await driftingBaseline(db, seededRandom(seed), RUNS.drift, () => performance.now() < half);
  const clusters = await clusteredRequests(
    db,
    seededRandom(seed + 1),
    RUNS.clusters,
    80,
    () => performance.now() < until,
  );
  return whole([
    enough("a drifting base rate", drift.runs, RUNS.drift),
    atMost("drift: harmless versions rolled back", drift.rolledBack, drift.runs, 0.055),
    atMost("drift: versions without any gain promoted as better", drift.promoted, drift.runs, 0.03),
    atLeast("drift: a pooled test is deceived", drift.deceived, drift.runs, 0.5),
    enough("several requests a user", clusters.runs, RUNS.clusters),
    atMost("clusters: users by their own mean differ", clusters.byUnit, clusters.runs, 0.065),
    atMost("clusters: a ratio metric differs", clusters.byRatio, clusters.runs, 0.065),
    atLeast("clusters: requests taken for independent differ", clusters.byRequest, clusters.runs, 0.12),
  ]);
}

function enough(what: string, runs: number, wanted: number): Finding {
  return found(
    runs >= wanted ? "holds" : "OPEN",
    `${what}: ${runs} of ${wanted} runs${runs < wanted ? ": give it more --minutes" : ""}`,
  );
}

function atMost(what: string, seen: number, runs: number, limit: number): Finding {
  const upper = wilson(seen, runs, 1);
  return found(
    upper <= limit ? "holds" : "VIOLATED",
    `${what}: ${percent(seen / runs)}, at most ${percent(upper)} by its 95 % limit; promised ${percent(limit)}`,
  );
}

function atLeast(what: string, seen: number, runs: number, limit: number): Finding {
  const lower = wilson(seen, runs, -1);
  return found(
    lower >= limit ? "holds" : "VIOLATED",
    `${what}: ${percent(seen / runs)}, at least ${percent(lower)}; expected ${percent(limit)}`,
  );
}

/** One limit, upper (1) or lower (-1), of the one-sided 95 % Wilson score interval. */
function wilson(found: number, runs: number, side: 1 | -1): number {
  const z = 1.6449;
  const p = found / runs;
  const spread = z * Math.sqrt((p * (1 - p)) / runs + (z * z) / (4 * runs * runs));
  return (p + (z * z) / (2 * runs) + side * spread) / (1 + (z * z) / runs);
}

function percent(part: number): string {
  return `${Number((100 * part).toFixed(2))} %`;
}

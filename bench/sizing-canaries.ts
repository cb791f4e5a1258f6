import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { sql } from "kysely";
import { unitDigest } from "../src/digest.ts";
import { readPolicyFile } from "../src/domain/policy/policy-file.ts";
import { scopeColumns } from "../src/domain/scope.ts";
import { transact } from "../src/storage/transact.ts";
import { storeDocument } from "../src/storage/write/store-document.ts";
import { startRollout } from "../src/use-cases/start-rollout.ts";
import { pushRepeater, seedRepeater } from "../test/support/evaluation-scene.ts";
import { type EvaluationStage, openStage } from "../test/support/evaluation-stage.ts";
import { cpuSeconds, peakMemory } from "../test/support/process-usage.ts";
import { plain } from "./resolver-speed.ts";
import type { Row } from "./row.ts";

const ROOT = join(import.meta.dirname, "..");
const STARTED_AT_ONCE = 16;
const INTERVAL_S = 10;
const WATCHED_S = 90;
const POLICY = `
metrics: { rating: { window: 1s } }
canary:
  stages: [{ share: 5%, for: 7d }, { share: 50% }]
  interval: ${INTERVAL_S}s
  min_units: 1000
  max_units: 1000000
  max_duration: 14d
  lease: 60s
  goal: { metric: rating, direction: higher, claim: superior }
`;

/** Canaries at once on one worker process, each with a new user an arm every two seconds, so that every look sees news. */
export async function canaryRows(count: number, progress: (line: string) => void): Promise<Row[]> {
  await using stage = await openStage({ latencyMs: 0 });
  await seedRepeater(stage);
  await pushRepeater(stage, 2);
  // As it is shipped: from its TypeScript a worker takes more, since it compiles it.
  execFileSync(process.execPath, [join(ROOT, "scripts", "build.mjs"), "sluice"], { stdio: "ignore" });
  const built = pathToFileURL(join(ROOT, "dist", "src", "local", "processes", "worker-program.js")).href;
  const { WORKER_FLAGS, WORKER_MAIN } = (await import(
    built
  )) as typeof import("../src/local/processes/worker-program.ts");
  const worker = await stage.startWorker([...WORKER_FLAGS, WORKER_MAIN]);
  const pids = { worker: worker.pid!, ...stage.pids };
  await startAll(stage, count);
  const users = new AbortController();
  const coming = bringUsers(stage, users.signal);
  while ((await watched(stage)) < count) await delay(500);
  progress("all are looked at");
  const since = new Date();
  const before = await usage(pids);
  let lapsed = 0;
  for (let second = 0; second < WATCHED_S; second++) {
    await delay(1_000);
    lapsed = Math.max(lapsed, await leasesOver(stage));
  }
  const after = await usage(pids);
  const looks = await looksSince(stage, since);
  users.abort();
  await coming;
  const share = (name: keyof typeof pids) => ((after[name]! - before[name]!) / WATCHED_S) * 100;
  const of = `${count} canaries on one worker`;
  return [
    plain(`${of}: longest time between two looks`, looks.longest, "s", 2 * INTERVAL_S),
    plain(`${of}: leases that ran out`, lapsed, "", 0),
    plain(`${of}: memory of the worker, at most`, (await peakMemory(worker)) ?? 0, "MB", 400),
    plain(`${of}: the worker`, share("worker"), "% of a core", null),
    plain(`${of}: Postgres`, share("postgres"), "% of a core", null),
    plain(`${of}: Temporal's development server`, share("temporal"), "% of a core", null),
    plain("a look costs the worker", ((after.worker! - before.worker!) * 1_000) / looks.count, "ms", null),
    plain("a look costs Postgres", ((after.postgres! - before.postgres!) * 1_000) / looks.count, "ms", null),
  ];
}

async function startAll(stage: EvaluationStage, count: number): Promise<void> {
  const policySha256 = await transact(stage.db, (transaction) =>
    storeDocument(transaction, {
      kind: "policy",
      name: "sizing",
      body: readPolicyFile(POLICY, "sizing.rollout.yaml"),
    }),
  );
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const scope = scopeColumns({ label: "production", prompt: stage.prompt, tenant: `tenant-${next++}` });
      const start = { scope, prompt: stage.prompt, number: 2, policySha256, by: "bench" };
      await startRollout(stage.db, stage.starter, start);
    }
  };
  await Promise.all(Array.from({ length: STARTED_AT_ONCE }, lane));
}

interface OpenCanary {
  readonly tenant: string;
  readonly rollout_id: string;
  readonly epoch: number;
  readonly candidate_version: string;
  readonly active_version: string;
}

async function bringUsers({ db }: EvaluationStage, signal: AbortSignal): Promise<void> {
  for (let beat = 0; !signal.aborted; beat++) {
    const { rows } = await sql<OpenCanary>`
      select tenant, rollout_id, epoch, candidate_version, coalesce(active_version, previous_version,
        (select r.baseline_version from sluice.rollouts r where r.id = rollout_id)) as active_version
      from sluice.pointers where mode = 'canary'`.execute(db);
    const exposures: object[] = [];
    const outcomes: object[] = [];
    for (const { tenant, rollout_id: rollout, epoch, candidate_version, active_version } of rows)
      for (const arm of ["candidate", "control"] as const) {
        const unit = unitDigest(tenant, `${arm}-${beat}`);
        exposures.push({ rollout, unit, arm, epoch });
        const version = arm === "candidate" ? candidate_version : active_version;
        outcomes.push({
          id: randomUUID(),
          version,
          rollout,
          unit,
          label: "production",
          metrics: { rating: 3 + (beat % 2) },
        });
      }
    await sql`select sluice.record_batch(${JSON.stringify({ exposures, outcomes })}::jsonb)`.execute(db);
    await delay(2_000, undefined, { signal }).catch(() => undefined);
  }
}

async function usage(pids: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const used = Object.entries(pids).map(async ([name, pid]) => [name, await cpuSeconds(pid)] as const);
  return Object.fromEntries(await Promise.all(used));
}

async function watched({ db }: EvaluationStage): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(distinct rollout_id)::int as n from sluice.assessments`.execute(db);
  return rows[0]!.n;
}

async function leasesOver({ db }: EvaluationStage): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from sluice.pointers where mode is not null and lease_until < now()`.execute(
    db,
  );
  return rows[0]!.n;
}

/** Of every canary: how many looks, and the longest time between two, the time since the last one counted. */
async function looksSince({ db }: EvaluationStage, since: Date) {
  const { rows } = await sql<{ count: number; longest: number }>`
    select count(*)::int as count, max(gap) as longest from (
      select extract(epoch from lead(at, 1, clock_timestamp()) over (partition by rollout_id order by at) - at)::float8 as gap
      from sluice.assessments where at >= ${since}) as gaps`.execute(db);
  return rows[0]!;
}

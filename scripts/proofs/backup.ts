import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { readLocalMachine } from "../../src/config.ts";
import { scopeColumns } from "../../src/domain/scope.ts";
import { startTemporal } from "../../src/local/temporal/temporal.ts";
import { type Database, openDatabase, withDatabase } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { chainsOffHeads, readAuditHeads } from "../../src/storage/read/audit-heads.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { grantRoles } from "../../src/storage/role-grants.ts";
import { controlRollout, rolloutTemporal } from "../../src/temporal/rollout-client.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import { type EvaluationScene, pushRepeater, seedRepeater } from "../../test/support/evaluation-scene.ts";
import { indifferent, simulateTraffic } from "../../test/support/simulate-traffic.ts";
import { startWorkerProcess } from "../../test/support/worker-process.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";
import { type DebianPostgres, installedVersion, startDebianPostgres } from "./backup/debian-postgres.ts";

const DATABASE = "sluice";
const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5%, for: 5s }, { share: 25% }, { share: 50% }]
  interval: 200ms
  min_units: 500
  max_units: 10000000
  max_duration: 1h
  lease: 1m
  goal: { metric: rating, direction: higher, claim: superior }
`;

/**
 * `pg_dump` of a database in mid-canary, and `pg_restore` of it into another server, whose workers carry on: pointers
 * and chains are those of the dump, a rollout that went on meanwhile goes on from there, one that ended meanwhile is
 * closed with the traffic on the baseline, and one that began meanwhile is stopped in Temporal and can be started
 * again. A checkpoint of after the dump names what is lost.
 */
export async function prove({ minutes }: ProofOptions): Promise<Finding> {
  const version = installedVersion();
  if (version === undefined)
    return found(
      "OPEN",
      "no PostgreSQL with its client programs is here; install it: apt-get install postgresql",
    );
  const deadline = performance.now() + minutes * 60_000;
  const folder = await mkdtemp(join(tmpdir(), "sluice-backup-files-"));
  const temporal = await startTemporal({ machine: readLocalMachine(), dataDir: folder, inMemory: true });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const stop = new AbortController();
  const workers: ChildProcess[] = [];
  const startWorker = async (postgres: DebianPostgres) => {
    const parts = {
      databaseUrl: postgres.url(DATABASE),
      temporal: temporal.address,
      modelUrl: "http://127.0.0.1:9",
    };
    const worker = await startWorkerProcess(parts);
    workers.push(worker);
  };
  const until = async <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
    for (;;) {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      if (performance.now() > deadline) throw new Error(`not seen in ${minutes} minutes: ${what}`);
      await delay(50);
    }
  };
  const findings: Finding[] = [];
  const say = (isKept: boolean, line: string) =>
    void findings.push(found(isKept ? "holds" : "VIOLATED", line));
  const lost = await startDebianPostgres(version);
  try {
    lost.run("psql", ["-d", "postgres", "-qc", `create database ${DATABASE}`]);
    const db = openDatabase(lost.url(DATABASE), { max: 8 });
    await migrate(db);
    await grantRoles(db);
    await startWorker(lost);
    const running = await scene(db, client, folder, "running");
    const ending = await scene(db, client, folder, "ending");
    const traffic = simulateTraffic(db, running.scope, indifferent(), stop.signal);
    const goesOn = await running.start();
    const ends = await ending.start();
    const stageOf = async (of: Database, rolloutId: string) => (await findRollout(of, rolloutId))?.stage ?? 0;
    await until(
      "both canaries",
      async () => (await stageOf(db, goesOn.rolloutId)) > 0 && (await stageOf(db, ends.rolloutId)) > 0,
    );

    const dump = join(folder, "sluice.dump");
    const before = await pointersOf(db);
    lost.run("pg_dump", [
      "--format=custom",
      "--schema=sluice",
      "--no-unlogged-table-data",
      `--file=${dump}`,
      DATABASE,
    ]);
    const roles = lost.run("pg_dumpall", ["--roles-only"]);

    // What the dump knows nothing of.
    await until("the next stage", async () => (await stageOf(db, goesOn.rolloutId)) > 1);
    await controlRollout(client, ends, "abort", { by: "proof", reason: "after the dump" });
    await client.workflow.getHandle(ends.workflowId).result();
    const later = await scene(db, client, folder, "later");
    const began = await later.start();
    await until("its canary", async () => (await stageOf(db, began.rolloutId)) > 0);
    const { heads } = await readAuditHeads(db);
    const aheadBy = await stageOf(db, goesOn.rolloutId);

    stop.abort();
    await traffic;
    await db.destroy();
    for (const worker of workers) await killed(worker);
    await lost.stop();

    await using restored = await startDebianPostgres(version);
    // The role that both clusters are made with is there already.
    restored.run("psql", ["-d", "postgres", "-q"], roles.replaceAll(/^CREATE ROLE postgres;$/gm, ""));
    restored.run("psql", ["-d", "postgres", "-qc", `create database ${DATABASE}`]);
    restored.run("pg_restore", ["--exit-on-error", `--dbname=${DATABASE}`, dump]);
    findings.push(
      await withDatabase(restored.url(DATABASE), async (of) => {
        const { applied, functions } = await migrate(of);
        const chains = await verifyAudit(of);
        const isSame = JSON.stringify(await pointersOf(of)) === JSON.stringify(before);
        const missing = await chainsOffHeads(of, heads);
        say(applied.length + functions.length === 0, "a restored database is migrated already");
        say(chains.ok, `${chains.entries} entries of ${chains.prompts} chains verify`);
        say(isSame, `${before.length} pointers are as they were dumped`);
        say(
          ["ending", "later", "running"].every((prompt) => missing.some((one) => one.prompt === prompt)),
          `the checkpoint of after the dump names what is lost: ${missing.map(({ prompt, seq }) => `${prompt} from ${seq} on`).join(", ")}`,
        );
        return "holds" as const;
      }),
    );

    const away = performance.now();
    await until("a worker on the restored database", () => startWorker(restored).then(() => true, refused));
    found("holds", `a worker is taken ${seconds(away)} s after the last one of the lost database`);
    const here = openDatabase(restored.url(DATABASE), { max: 8 });
    const stopHere = new AbortController();
    const trafficHere = simulateTraffic(here, running.scope, indifferent(), stopHere.signal);
    try {
      const back = await until(
        "the canary to go on",
        async () => (await stageOf(here, goesOn.rolloutId)) >= aheadBy,
      );
      say(
        back,
        `the rollout that was at stage ${aheadBy} in Temporal goes on there, ${seconds(away)} s after`,
      );
      const promote = () => controlRollout(client, goesOn, "promote", { by: "proof" });
      await until("the promotion", async () => (await promote().catch(() => ({ granted: false }))).granted);
      await client.workflow.getHandle(goesOn.workflowId).result();
      const moves = (await readAudit(here, { rolloutId: goesOn.rolloutId })).map(({ action }) => action);
      const end = await findRollout(here, goesOn.rolloutId);
      say(
        end?.outcome === "promoted" && moves.at(-1) === "promoted",
        `and is ${end?.outcome}: ${moves.join(", ")}`,
      );
      const closed = await until("the end of what ended meanwhile", async () => {
        const row = await findRollout(here, ends.rolloutId);
        return row && row.outcome !== null && row;
      });
      const pointer = await findPointer(here, ending.scope);
      say(
        closed.outcome === "failed" && pointer?.rollout_id === null && pointer.candidate_version === null,
        `one that ended meanwhile is ${closed.outcome}, its traffic on the baseline: ${closed.reason}`,
      );
      const gone = await until("the end of what the database does not know", async () => {
        const { status } = await client.workflow.getHandle(began.workflowId).describe();
        return status.name !== "RUNNING" && status.name;
      });
      say(gone === "TERMINATED", `the workflow of one that began meanwhile is ${gone.toLowerCase()}`);
      const again = await (await scene(here, client, folder, "later")).start();
      await until("its canary again", async () => (await stageOf(here, again.rolloutId)) > 0);
      say((await verifyAudit(here)).ok, "it is started again, and every chain verifies");
    } finally {
      stopHere.abort();
      await trafficHere;
      await here.destroy();
      for (const worker of workers) await killed(worker);
    }
  } finally {
    stop.abort();
    for (const worker of workers) worker.kill("SIGKILL");
    await lost.stop();
    await connection.close();
    await temporal.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return whole(findings);
}

/** A prompt whose version 1 is live, and the rollout of its version 2. */
async function scene(db: Database, client: Client, folder: string, prompt: string) {
  const starter = rolloutTemporal(client);
  const of: EvaluationScene = { db, starter, prompt, folder };
  const scope = scopeColumns({ label: "production", prompt });
  await seedRepeater(of);
  await pushRepeater(of, 2);
  const policyFile = join(folder, "backup.rollout.yaml");
  await writeFile(policyFile, POLICY);
  return {
    scope,
    start: () => startRollout(db, starter, { scope, prompt, number: 2, policyFile, by: "proof" }),
  };
}

async function pointersOf(db: Database): Promise<unknown[]> {
  return db
    .selectFrom("pointers")
    .select([
      "prompt",
      "active_version",
      "candidate_version",
      "mode",
      "share",
      "epoch",
      "revision",
      "rollout_id",
    ])
    .orderBy("prompt")
    .execute();
}

/** As long as Temporal has seen a worker of the lost database a moment ago, one of its copy is refused. */
async function refused(error: unknown): Promise<false> {
  if (!/another installation/.test(String(error))) throw error;
  await delay(2_000);
  return false;
}

async function killed(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill("SIGKILL");
  await new Promise((ended) => worker.once("exit", ended));
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(0);
}

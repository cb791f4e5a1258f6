import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { readPolicyFile } from "../src/domain/policy/policy-file.ts";
import type { RolloutPolicy } from "../src/domain/policy/policy.ts";
import { startPostgres, type LocalPostgres } from "../src/local/postgres/postgres.ts";
import { createRunFolder } from "../src/local/stack/run-folder.ts";
import { openDatabase, type Database } from "../src/storage/database.ts";
import { migrate } from "../src/storage/migrator.ts";

const POLICY = `
metrics:
  rating: { kind: mean, window: 30m }
  latency_ms: { kind: mean, window: 30m, cap: 5000 }
  error: { kind: rare, window: 30m }
canary:
  stages: [{ share: 50% }]
  max_units: 100000000
  max_duration: 14d
  goal: { metric: rating, direction: higher, margin: 0.1 }
  guardrails:
    - { metric: latency_ms, direction: lower, margin: 10% }
    - { metric: error, direction: lower, tolerated_ratio: 1.5 }
`;

/** A Postgres of the bench's own that keeps what it commits, with one connection to report over. */
export interface OutcomeStore {
  readonly db: Database;
  readonly connection: pg.Client;
  readonly policy: RolloutPolicy;
  readonly baseline: string;
  readonly candidate: string;
  /** A rollout of candidate against baseline in its last stage. Gives its id. */
  addRollout(): Promise<string>;
  /** Processor time that the reporting connection's backend has used, in ms; null where /proc does not tell. */
  backendMs(): number | null;
  close(): Promise<void>;
}

export async function createOutcomeStore(): Promise<OutcomeStore> {
  const run = await createRunFolder(join(tmpdir(), "sluice-benches"));
  const server = await startRoomyPostgres(join(run.path, "postgres"));
  const db = openDatabase(server.url);
  await migrate(db);
  const connection = new pg.Client({ connectionString: server.url });
  await connection.connect();
  const query = (text: string, values: unknown[] = []) => connection.query(text, values);
  const [baseline, candidate] = [randomUUID(), randomUUID()];
  const policy = readPolicyFile(POLICY, "bench");
  await query("insert into sluice.prompts (name) values ('bench')");
  for (const [index, id] of [baseline, candidate].entries())
    await query(
      `insert into sluice.versions (id, prompt, number, semver, sha256, artifact, model, author, token_count)
       values ($1, 'bench', $2, $2::integer || '.0.0', $3, '{}', 'openai/x', 'bench', 1)`,
      [id, index + 1, createHash("sha256").update(id).digest("hex")],
    );
  await query(
    "insert into sluice.documents (sha256, kind, name, body) values (repeat('0', 64), 'policy', 'p', '{}')",
  );
  const pid = (await query("select pg_backend_pid() as pid")).rows[0].pid as number;
  return {
    db,
    connection,
    policy,
    baseline,
    candidate,
    async addRollout() {
      const id = randomUUID();
      await query(
        `insert into sluice.rollouts (id, workflow_id, request_id, label, prompt, tenant, candidate_version,
           baseline_version, policy_sha256, policy, decision_version, salt, phase, canary_started_at)
         values ($1::text::uuid, $1::text, $1::text, 'production', 'bench', $1::text, $2, $3, repeat('0', 64), $4, '3', $1::text, 'canary', now())`,
        [id, candidate, baseline, JSON.stringify(policy)],
      );
      await query(
        "insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share) values ($1, 1, 0, 'canary', 5000)",
        [id],
      );
      for (const [metric, { kind, window_ms, cap }] of Object.entries(policy.metrics))
        await query("insert into sluice.rollout_metrics values ($1, $2, $3, $4, $5)", [
          id,
          metric,
          kind,
          window_ms,
          cap ?? null,
        ]);
      return id;
    },
    backendMs: () => processorMs(pid),
    async close() {
      await connection.end();
      await db.destroy();
      await server.stop();
      run.remove();
    },
  };
}

/** With memory as a server has it: the default, 128 MB, holds the indexes of a million outcomes. */
async function startRoomyPostgres(dataDir: string): Promise<LocalPostgres> {
  const first = await startPostgres({ dataDir });
  const client = new pg.Client({ connectionString: first.url });
  await client.connect();
  await client.query("alter system set shared_buffers = '1GB'");
  await client.end();
  await first.stop();
  return startPostgres({ dataDir });
}

/** User and system time, which Linux counts in hundredths of a second. */
function processorMs(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

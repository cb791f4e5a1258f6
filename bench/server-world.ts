/** A server in a process of its own, on a Postgres of the bench's own, and a bare node:http beside it. */
import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { digestJson } from "../src/digest.ts";
import type { Artifact } from "../src/domain/prompt/artifact.ts";
import { startPostgres } from "../src/local/postgres/postgres.ts";
import { createRunFolder } from "../src/local/stack/run-folder.ts";
import { type Database, openDatabase } from "../src/storage/database.ts";
import { migrate } from "../src/storage/migrator.ts";
import { createKey } from "../src/use-cases/create-key.ts";
import { cpuSeconds } from "../test/support/process-usage.ts";

export const PROMPT = "support-reply";
export const ARTIFACT: Artifact = {
  syntax: "mustache",
  model: "openai/gpt-5.4-mini",
  params: {},
  variables: { product: { type: "string" }, question: { type: "string" } },
  messages: [
    { role: "system", content: "You answer questions about {{product}}, briefly and kindly." },
    { role: "user", content: "{{question}}" },
  ],
};
const ROOT = new URL("..", import.meta.url).pathname;
const NO_LIMITS = "read=1000000,write=1000000,serve=10000000,intake=1000000";

export interface Process {
  readonly url: string;
  readonly pid: number;
}

/** The first server, which says when it has told its streams of a move. */
export interface TellingProcess extends Process {
  /** When it has written to the last stream, in ms since the epoch; the newest last. */
  readonly toldAt: readonly number[];
}

export interface Replica extends Process {
  /** Ends it by this signal, and tells the code that it ended with; null: it was killed. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

export interface ServerWorld {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly postgresPid: number;
  readonly server: TellingProcess;
  readonly versionId: string;
  /** Of the role admin. */
  readonly key: string;
  readonly query: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
  /** One more server on the same database. */
  replica(): Promise<Replica>;
  /** A process that answers everything with these bytes, after it has read the body. */
  bare(answer: { readonly type: string; readonly text: string }): Promise<Process & { stop(): void }>;
  close(): Promise<void>;
}

export async function openServerWorld(): Promise<ServerWorld> {
  const run = await createRunFolder(join(tmpdir(), "sluice-benches"));
  const postgres = await startPostgres({ dataDir: join(run.path, "postgres"), durable: false });
  const db = openDatabase(postgres.url, { max: 4 });
  await migrate(db);
  const { key } = await createKey(db, { name: "bench", role: "admin", grants: {}, owner: "bench" });
  // Pointers are moved here without the audit entry that a move needs: triggers are off.
  const options = "-c session_replication_role=replica";
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2, options });
  pool.on("error", () => undefined);
  const query: ServerWorld["query"] = async (text, values = []) => (await pool.query(text, values)).rows;
  await query("insert into sluice.prompts (name) values ($1)", [PROMPT]);
  const [version] = await query(
    `insert into sluice.versions (prompt, number, semver, sha256, artifact, model, author, token_count)
     values ($1, 1, '1.0.0', $2, $3, $4, 'bench', 1) returning id`,
    [PROMPT, digestJson(ARTIFACT), JSON.stringify(ARTIFACT), ARTIFACT.model],
  );
  const versionId = String(version!["id"]);
  await query("insert into sluice.pointers (label, prompt, active_version) values ('production', $1, $2)", [
    PROMPT,
    versionId,
  ]);
  const children: ChildProcess[] = [];
  const start = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<[ChildProcess, Process]> => {
    const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "ignore"] });
    children.push(child);
    return [child, { url: await firstOutput(child, /http:\/\/[\d.]+:\d+/), pid: child.pid! }];
  };
  const env = { ...process.env, DATABASE_URL: postgres.url, SLUICE_LIMITS: NO_LIMITS };
  const SERVER = [join(ROOT, "bin", "sluice.mjs"), "server", "--listen", "0"];
  const replica = async (): Promise<Replica> => {
    const [child, server] = await start(SERVER, env);
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    const end = (signal: "SIGTERM" | "SIGKILL") => {
      child.kill(signal);
      return ended;
    };
    return { ...server, end };
  };
  const telling = ["--import", join(ROOT, "bench", "server-told.ts"), ...SERVER];
  const [child, first] = await start(telling, env);
  const toldAt: number[] = [];
  child.stdout!.on("data", (part: string) => {
    for (const [, at] of part.matchAll(/^told ([\d.]+)$/gm)) toldAt.push(Number(at));
  });
  const server = { ...first, toldAt };
  return {
    db,
    databaseUrl: postgres.url,
    postgresPid: postgres.pid,
    server,
    versionId,
    key,
    query,
    replica,
    async bare(answer) {
      const args = [join(ROOT, "bench", "server-bare.ts"), answer.type];
      const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
      children.push(child);
      child.stdin.end(answer.text);
      return {
        url: await firstOutput(child, /http:\/\/[\d.]+:\d+/),
        pid: child.pid!,
        stop: () => void child.kill(),
      };
    },
    async close() {
      for (const child of children) child.kill("SIGTERM");
      await pool.end();
      await db.destroy();
      await postgres.stop();
      run.remove();
    },
  };
}

/** What matches in what a process says first. */
function firstOutput(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout!.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const [found] = pattern.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`a process of the bench ended with ${code}: ${text}`)));
  });
}

/** Processor time that a process takes for some work, in ms. */
export async function cpuOf(pid: number, work: () => Promise<void>): Promise<number> {
  const before = await cpuSeconds(pid);
  await work();
  return 1_000 * ((await cpuSeconds(pid)) - before);
}

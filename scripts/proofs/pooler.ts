import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readLocalMachine } from "../../src/config.ts";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../src/local/stack/run-folder.ts";
import { freePort } from "../../src/local/processes/free-port.ts";
import { startTemporal } from "../../src/local/temporal/temporal.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { runSluice, startSluice } from "../../test/cli/run-sluice.ts";
import { type Finding, found, whole } from "../finding.ts";

const PATIENCE_MS = 60_000;
const POLICY = `canary: { stages: [{ share: 50% }], interval: 500ms, goal: { metric: rating, direction: higher, margin: 0.5 } }\n`;
const prompt = (wording: string) =>
  `name: greet\nmodel: openai/gpt-5-mini\nmessages: [{ role: user, content: ${wording} }]\n`;

/**
 * `npm run prove -- pooler`: PgBouncer in transaction mode (Debian's package) between Postgres and everything of Sluice:
 * commands, a worker and a server do their work, what needs Postgres itself is said by `sluice doctor`, and a rollout
 * goes from its start through an open canary back to the baseline.
 */
export async function prove(): Promise<Finding> {
  const run = await createRunFolder(join(tmpdir(), "sluice-proofs"));
  const folder = run.path;
  const postgres = await startPostgres({ dataDir: join(folder, "postgres"), durable: false });
  const temporal = await startTemporal({ machine: readLocalMachine(), dataDir: join(folder, "temporal") });
  const models = await startModelServer();
  const pooled = await startPgBouncer(join(folder, "pgbouncer"), postgres.url);
  try {
    const db = openDatabase(postgres.url);
    await migrate(db);
    await db.destroy();
    const env = {
      DATABASE_URL: pooled.url,
      TEMPORAL_ADDRESS: temporal.address,
      OPENAI_BASE_URL: `${models.url}/v1`,
      OPENAI_API_KEY: "local",
      SLUICE_METRICS_LISTEN: "off",
      PATH: process.env["PATH"],
    };
    return await judge(folder, env as Record<string, string>, postgres.url);
  } finally {
    await pooled.stop();
    await models.stop();
    await temporal.stop();
    await postgres.stop();
    run.remove();
  }
}

async function judge(folder: string, env: Record<string, string>, direct: string): Promise<Finding> {
  const at = { cwd: folder, env };
  const run = (...args: string[]) => runSluice(args, at);
  const findings: Finding[] = [];
  const expected = (holds: boolean, line: string) => findings.push(found(holds ? "holds" : "VIOLATED", line));
  const doctor = async (more: Record<string, string>) =>
    (await runSluice(["doctor"], { cwd: folder, env: { ...env, ...more } })).stdout;

  const said = await doctor({});
  expected(
    /what is notified is not heard/.test(said),
    `sluice doctor names the pooler: ${/.*notifications.*/.exec(said)?.[0].trim() ?? said}`,
  );
  expected(
    !/notified is not heard/.test(await doctor({ DATABASE_LISTEN_URL: direct })),
    "with DATABASE_LISTEN_URL it is content",
  );

  writeFileSync(join(folder, "policy.rollout.yaml"), POLICY);
  for (const wording of ["Hi", "Hello", "Hey"]) {
    writeFileSync(join(folder, "greet.yaml"), prompt(wording));
    const pushed = await run("push", "greet.yaml");
    expected(pushed.code === 0, `push: ${pushed.stdout.trim()}${pushed.stderr.trim()}`);
  }
  const worker = startSluice(["worker"], at);
  await worker.said(/worker ready/);
  const server = startSluice(["server", "--listen", `127.0.0.1:${await freePort()}`], {
    cwd: folder,
    env: { ...env, DATABASE_LISTEN_URL: direct },
  });
  try {
    const url = (await server.said(/serving at \S+/)).slice("serving at ".length);
    expected((await fetch(`${url}/readyz`)).status === 200, "a server is ready, and hears notifications");
    const first = await run(
      "pointers",
      "set",
      "greet@1",
      "--expected-revision",
      "0",
      "--force",
      "--reason",
      "r",
    );
    expected(first.code === 0, `a first version is made live by hand: ${first.stderr.trim()}`);
    const second = await run("rollout", "start", "greet@2", "--policy", "policy.rollout.yaml");
    expected(second.code === 0, "a canary is started");
    const opened = await until(async () => /canary/.test((await run("rollout", "status", "greet")).stdout));
    expected(opened, "its stage is open");
    await delay(3_000);
    const looks = await run("rollout", "status", "greet", "--json");
    expected(/"phase": ?"canary"/.test(looks.stdout), "it is watched, and keeps its lease");
    const aborted = await run("rollout", "abort", "greet", "--reason", "enough");
    expected(aborted.code === 0, `it is aborted: ${aborted.stderr.trim()}`);
    const [pointer] = JSON.parse((await run("pointers", "--json")).stdout) as { revision: number }[];
    const revision = String(pointer?.revision);
    const back = await run(
      "pointers",
      "set",
      "greet@3",
      "--expected-revision",
      revision,
      "--force",
      "--reason",
      "r",
    );
    const rolled = await run("rollback", "greet", "--reason", "r");
    expected(
      rolled.code === 0,
      `by hand and back: ${back.stdout.trim()}${back.stderr.trim()}; ${rolled.stdout.split("\n")[0]}`,
    );
    const audit = await run("audit", "--verify");
    expected(audit.code === 0, `the audit log is whole: ${audit.stdout.trim().split("\n").at(-1)}`);
  } finally {
    for (const { child, ended } of [server, worker]) {
      child.kill("SIGTERM");
      await ended;
    }
  }
  return whole(findings);
}

async function until(wanted: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (await wanted()) return true;
    await delay(250);
  }
  return false;
}

/** In transaction mode, for whoever asks: who may is not what is shown here. */
async function startPgBouncer(folder: string, postgresUrl: string) {
  const { hostname, port, username, password, pathname } = new URL(postgresUrl);
  mkdirSync(folder);
  const listen = await freePort();
  const ini = join(folder, "pgbouncer.ini");
  writeFileSync(
    ini,
    `[databases]
* = host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listen}
auth_type = any
pool_mode = transaction
default_pool_size = 40
max_client_conn = 500
unix_socket_dir =
`,
  );
  // It refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  const id = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  const child: ChildProcess = spawn("pgbouncer", [ini], {
    stdio: ["ignore", "ignore", "ignore"],
    ...(isRoot && { uid: id("-u"), gid: id("-g") }),
  });
  await Promise.race([
    once(child, "spawn"),
    once(child, "error").then(([error]) => {
      throw new Error(
        `PgBouncer cannot be started (${String(error)}); install it: apt-get install pgbouncer`,
      );
    }),
  ]);
  return {
    url: `postgres://sluice@127.0.0.1:${listen}${pathname}`,
    async stop() {
      const ended = once(child, "exit");
      if (child.exitCode === null && child.kill("SIGINT")) await ended;
    },
  };
}

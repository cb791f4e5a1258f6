import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../../src/local/processes/free-port.ts";
import { giveTree, postgresAccount } from "../../../src/local/postgres/postgres-account.ts";

/** A Postgres with its client programs, all of one version, as Debian installs them. */
export interface DebianPostgres extends AsyncDisposable {
  readonly version: string;
  /** Of a database in it, on the loopback address. */
  url(database: string): string;
  /** Runs one of its programs (`pg_dump`, `psql` …), and gives what it printed. */
  run(program: string, args: readonly string[], input?: string): string;
  stop(): Promise<void>;
}

const FOLDER = "/usr/lib/postgresql";
const NEEDED = ["initdb", "postgres", "pg_dump", "pg_dumpall", "pg_restore", "psql"];
const USER = "postgres";

/** The newest version whose programs are all here; undefined: none. */
export function installedVersion(): string | undefined {
  if (!existsSync(FOLDER)) return undefined;
  return readdirSync(FOLDER)
    .filter((version) => NEEDED.every((program) => existsSync(join(FOLDER, version, "bin", program))))
    .toSorted((a, b) => Number(b) - Number(a))
    .at(0);
}

/** A cluster of its own, empty. */
export async function startDebianPostgres(version: string): Promise<DebianPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-backup-"));
  chmodSync(folder, 0o755);
  const cluster = join(folder, "cluster");
  mkdirSync(cluster, { mode: 0o700 });
  const account = postgresAccount();
  if (account) giveTree(cluster, account);
  const program = (name: string) => join(FOLDER, version, "bin", name);
  const env = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" };
  execFileSync(program("initdb"), ["-D", cluster, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"], {
    ...account,
    cwd: cluster,
    env,
    stdio: "pipe",
  });
  const port = await freePort();
  const settings = ["fsync=off", "max_connections=100", "unix_socket_directories="];
  const server = spawn(
    program("postgres"),
    ["-D", cluster, "-h", "127.0.0.1", "-p", String(port), ...settings.flatMap((one) => ["-c", one])],
    { ...account, cwd: cluster, env, stdio: "ignore" },
  );
  const ended = once(server, "exit");
  const run: DebianPostgres["run"] = (name, args, input) =>
    execFileSync(program(name), ["-h", "127.0.0.1", "-p", String(port), "-U", USER, ...args], {
      encoding: "utf8",
      env,
      maxBuffer: 256 * 2 ** 20,
      stdio: "pipe",
      ...(input !== undefined && { input }),
    });
  const stop = async () => {
    server.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; ; attempt++) {
    try {
      run("psql", ["-d", "postgres", "-qAtc", "select 1"]);
      break;
    } catch (error) {
      if (attempt === 100 || server.exitCode !== null) {
        await stop();
        throw error;
      }
      await delay(100);
    }
  }
  return {
    version,
    url: (database) => `postgres://${USER}@127.0.0.1:${port}/${database}`,
    run,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

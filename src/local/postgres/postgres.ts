import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, lchownSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unavailable } from "../../domain/errors.ts";
import { childExit } from "../processes/child-exit.ts";
import { type FolderClaim, claimFolder } from "../processes/folder-claim.ts";
import { freePort } from "../processes/free-port.ts";
import { startRecorded } from "../processes/start-recorded.ts";
import { type Account, postgresAccount } from "./postgres-account.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { type PostgresPlace, findPlace } from "./postgres-place.ts";
import { type ProcessIdentity, commandLine, identifyProcess } from "../processes/process-identity.ts";
import { type StopStep, stopProcess } from "../processes/stop-process.ts";

export interface StartPostgresOptions {
  /** Holds the data, the password and the log. Created when it is missing. */
  readonly dataDir: string;
  /** A free one by default. */
  readonly port?: number;
  /** This one when it is free, another otherwise. */
  readonly preferredPort?: number | undefined;
  /** False for data that need not survive a crash of the machine: no fsync. Default true. */
  readonly durable?: boolean;
  /** How many connections it takes at once. Default 200. */
  readonly maxConnections?: number;
  /** Further settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly onProgress?: (line: string) => void;
  /** Ends a start under way; nothing is left running. */
  readonly signal?: AbortSignal;
}

export interface LocalPostgres {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** Fast shutdown: connections are ended, data is safe. May be called again. */
  stop(): Promise<void>;
}

const USER = "sluice";
/** SIGINT is Postgres's fast shutdown, SIGQUIT its immediate one (which recovers at the next start). */
const STOP: readonly StopStep[] = [
  { signal: "SIGINT", waitMs: 8_000 },
  { signal: "SIGQUIT", waitMs: 3_000 },
  { signal: "SIGKILL", waitMs: 2_000 },
];
const READY_WITHIN_MS = 60_000;

/**
 * Starts a Postgres on the loopback address from the binaries that npm installed, after stopping what a
 * killed predecessor left in the same folder. Fails with `conflict` when the folder is in use,
 * `unavailable` when Postgres does not start.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<LocalPostgres> {
  const dataDir = resolve(options.dataDir);
  const claim = await claimFolder(dataDir, "Postgres");
  try {
    const account = postgresAccount();
    const binaries = findPostgresBinaries();
    const place = findPlace(dataDir, binaries.root, account);
    await stopUnrecordedSurvivor(place.cluster);
    const password = readPassword(dataDir);
    if (!existsSync(place.cluster)) {
      options.onProgress?.("creating a Postgres database cluster");
      await createCluster(place, password, account, claim, options.signal);
    }
    checkMajor(place.cluster, binaries.major);
    return await run({ ...options, dataDir }, claim, place, password, account);
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** A postmaster can run without being in our records: we were killed between starting and recording it. */
async function stopUnrecordedSurvivor(cluster: string): Promise<void> {
  const pid = Number(readPidFile(cluster)[0]);
  const identity = identifyProcess(pid);
  if (identity && commandLine(pid)?.includes(cluster)) await stopProcess(identity, STOP);
}

function readPidFile(cluster: string): string[] {
  try {
    return readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

function readPassword(dataDir: string): string {
  const file = join(dataDir, "password");
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString("base64url"), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

/** Made under another name first, so that a start that is interrupted leaves no half cluster. */
async function createCluster(
  place: PostgresPlace,
  password: string,
  account: Account | undefined,
  claim: FolderClaim,
  signal: AbortSignal | undefined,
): Promise<void> {
  const draft = `${place.cluster}.new`;
  const passwordFile = `${place.cluster}.password`;
  rmSync(draft, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) for (const path of [draft, passwordFile]) lchownSync(path, account.uid, account.gid);
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"];
  const args = [
    "-D",
    draft,
    "-U",
    USER,
    "-A",
    "scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--no-sync",
    ...locale,
  ];
  try {
    const child = spawn(join(place.binaries, "bin", "initdb"), args, {
      ...account,
      cwd: place.folder,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal && { signal }),
    });
    if (child.pid !== undefined) claim.recordChild(child.pid, draft, [{ signal: "SIGKILL", waitMs: 2_000 }]);
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => output.push(String(part)));
    const code = await childExit(child);
    signal?.throwIfAborted();
    if (code !== 0)
      throw unavailable(`Postgres could not create its data in ${draft}: ${lastLine(output.join(""))}`);
    renameSync(draft, place.cluster);
  } finally {
    rmSync(draft, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    rmSync(passwordFile, { force: true });
  }
}

function checkMajor(cluster: string, major: string): void {
  const found = readFileSync(join(cluster, "PG_VERSION"), "utf8").trim();
  if (found !== major)
    throw unavailable(
      `the data in ${cluster} is of Postgres ${found}, the installed one is ${major}: move that folder away to start with an empty database`,
    );
}

async function run(
  options: StartPostgresOptions,
  claim: FolderClaim,
  place: PostgresPlace,
  password: string,
  account: Account | undefined,
): Promise<LocalPostgres> {
  const logFile = join(options.dataDir, "postgres.log");
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort(options.preferredPort));
    const binary = join(place.binaries, "bin", "postgres");
    const { outcome, identity } = await startRecorded(binary, serverArguments(place, port, options), {
      ...account,
      claim,
      mark: place.cluster,
      stop: STOP,
      logFile,
      cwd: place.folder,
      env: environment(),
      ready: (pid, signal) => ready(place.cluster, pid, signal),
      signal: options.signal,
    });
    if (outcome === "ready" && identity) return handle(identity, port, password, claim);
    if (identity) await stopProcess(identity, STOP);
    options.signal?.throwIfAborted();
    const output = existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
    const portTaken =
      output.includes("could not bind") || output.includes("could not create any TCP/IP sockets");
    if (portTaken && options.port === undefined && attempt < 5) continue;
    const why = outcome === "late" ? `it was not ready within ${READY_WITHIN_MS / 1000} s` : lastLine(output);
    throw unavailable(`Postgres did not start on port ${port}: ${why} (log: ${logFile})`, { logFile, port });
  }
}

function serverArguments(
  place: PostgresPlace,
  port: number,
  { durable = true, maxConnections = 200, settings: further }: StartPostgresOptions,
): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: maxConnections,
    // Tests make a database for each file; a second process must not wait long for its checkpoint.
    max_wal_size: "1GB",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(!durable && { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...further,
  };
  return [
    "-D",
    place.cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

/** Postgres writes its state into postmaster.pid; it takes connections when the last line says ready. */
async function ready(
  cluster: string,
  pid: number | undefined,
  signal: AbortSignal,
): Promise<"ready" | "late" | "cancelled"> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (signal.aborted) return "cancelled";
    const lines = readPidFile(cluster);
    if (Number(lines[0]) === pid && lines[7]?.trim() === "ready") return "ready";
    await delay(15);
  }
  return "late";
}

function handle(
  identity: ProcessIdentity,
  port: number,
  password: string,
  claim: FolderClaim,
): LocalPostgres {
  let stopping: Promise<void> | undefined;
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
    pid: identity.pid,
    port,
    stop() {
      stopping ??= stopProcess(identity, STOP).then((gone) => {
        if (!gone)
          throw unavailable(`Postgres (process ${identity.pid}) does not stop`, { pid: identity.pid });
        claim.release();
      });
      return stopping;
    },
  };
}

/** Postgres takes defaults from PG… variables, which belong to the user's own servers. */
function environment(): Record<string, string> {
  return { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.findLast((line) => /\b(FATAL|PANIC|error):/.test(line));
  return (telling ?? lines.at(-1) ?? "it said nothing").trim();
}

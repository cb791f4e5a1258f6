import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLocalMachine } from "../../src/config.ts";
import { freePort } from "../../src/local/processes/free-port.ts";
import { findTemporalCli } from "../../src/local/temporal/temporal-cli.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { readComposeFile } from "./compose-file.ts";

// The containers' own commands and health checks, run by the same programs outside a container.
const compose = readComposeFile().services;
const service = compose["temporal"]!;
const ROOT = path.resolve(import.meta.dirname, "../..");
let folder: string;
let cli: string;
let port: number;
let server: ChildProcess;
let database: TestDatabase;
let worker: ChildProcess | undefined;

beforeAll(async () => {
  cli = (await findTemporalCli({ machine: readLocalMachine() })).path;
  folder = await mkdtemp(path.join(tmpdir(), "sluice-compose-"));
  port = await freePort();
  const own = [`--port=${port}`, `--ui-port=${await freePort()}`, `--http-port=${await freePort()}`];
  const command = service.command!.map((argument) =>
    argument.replace("/data/", `${folder}/`).replace("0.0.0.0", "127.0.0.1"),
  );
  database = await createTestDatabase();
  server = spawn(cli, [...command, ...own], { stdio: "ignore" });
});

afterAll(async () => {
  await ended(worker);
  await ended(server);
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

describe("the composition's Temporal", () => {
  it("starts with its command and is healthy by its health check", async () => {
    const [kind, program, ...args] = service.healthcheck!.test;
    expect([kind, program]).toEqual(["CMD", "temporal"]);
    const check = args.map((argument) => argument.replace(/:7233$/, `:${port}`));
    const healthy = async () => (await promisify(execFile)(cli, check)).stdout;
    let said: string | undefined;
    while (said === undefined && server.exitCode === null) {
      said = await healthy().catch(() => undefined);
      if (said === undefined) await delay(200);
    }
    expect(said).toContain("SERVING");
    expect(await readdir(folder)).toContain("temporal.sqlite");
  });
});

describe("the composition's worker", () => {
  it("migrates, becomes ready, is healthy by its health check, and ends on SIGTERM", async () => {
    const dockerfile = readFileSync(path.join(ROOT, "deploy/Dockerfile"), "utf8");
    const [program, ...args] = JSON.parse(/^CMD (\[.+\])$/m.exec(dockerfile)![1]!) as string[];
    const bin = path.join(ROOT, "node_modules", ".bin");
    const env = {
      PATH: `${bin}${path.delimiter}${process.env["PATH"] ?? ""}`,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    };
    worker = spawn(program!, args, { cwd: ROOT, env, stdio: ["ignore", "ignore", "pipe"] });
    await saidOnStderr(worker, "worker ready");

    const [, check, ...checkArgs] = compose["worker"]!.healthcheck!.test;
    const { stdout } = await promisify(execFile)(check!, checkArgs, { cwd: ROOT, env });
    expect(JSON.parse(stdout)).toEqual([]);

    expect(await ended(worker)).toBe(0);
  });
});

function saidOnStderr(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(words)) resolve();
    });
    child.once("exit", (code) => reject(new Error(`it ended (${code}) before it said "${words}":\n${said}`)));
  });
}

async function ended(child: ChildProcess | undefined): Promise<number | null> {
  if (!child) return null;
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  }
  return child.exitCode;
}

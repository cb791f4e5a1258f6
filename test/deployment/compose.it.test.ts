import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/local/free-port.ts";
import { findTemporalCli } from "../../src/local/temporal-cli.ts";
import { readComposeFile } from "./compose-file.ts";

// The image's own command and health check, run by the same program outside a container.
const service = readComposeFile().services["temporal"]!;
let folder: string;
let cli: string;
let port: number;
let server: ChildProcess;

beforeAll(async () => {
  cli = (await findTemporalCli()).path;
  folder = await mkdtemp(path.join(tmpdir(), "sluice-compose-"));
  port = await freePort();
  const own = [`--port=${port}`, `--ui-port=${await freePort()}`, `--http-port=${await freePort()}`];
  const command = service.command!.map((argument) =>
    argument.replace("/data/", `${folder}/`).replace("0.0.0.0", "127.0.0.1"),
  );
  server = spawn(cli, [...command, ...own], { stdio: "ignore" });
});

afterAll(async () => {
  if (server.exitCode === null) {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
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

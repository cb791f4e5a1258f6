import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Connection } from "@temporalio/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LocalMachine, readLocalMachine } from "../../../src/config.ts";
import { identifyProcess } from "../../../src/local/processes/process-identity.ts";
import { type RunFolder, createRunFolder } from "../../../src/local/stack/run-folder.ts";
import { TEMPORAL_CLI_VERSION, findTemporalCli } from "../../../src/local/temporal/temporal-cli.ts";
import { type LocalTemporal, startTemporal } from "../../../src/local/temporal/temporal.ts";
import { startOwner } from "../../support/owner-process.ts";
import { RUNS } from "../../support/runs.ts";

let folder: string;
let run: RunFolder;
let running: LocalTemporal | undefined;

beforeEach(async () => {
  run = await createRunFolder(RUNS);
  folder = run.path;
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  run.remove();
});

/** An address where nobody answers. */
const NOBODY = "http://127.0.0.1:9";

const start = async () =>
  (running = await startTemporal({ machine: readLocalMachine(), dataDir: join(folder, "temporal") }));

async function namespaces(address: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const { namespaces: all } = await connection.workflowService.listNamespaces({});
    return all.map((one) => one.namespaceInfo?.name ?? "");
  } finally {
    await connection.close();
  }
}

describe("the Temporal development server", () => {
  it("starts again after its owner was killed, which stops the one that was left, and keeps its data", async () => {
    const owner = startOwner("temporal", join(folder, "temporal"));
    const left = await owner.server;
    const connection = await Connection.connect({ address: left.address! });
    await connection.workflowService.registerNamespace({
      namespace: "kept",
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    await connection.close();
    await owner.end("SIGKILL");
    expect(identifyProcess(left.pid)).toBeDefined();

    const next = await start();
    expect(identifyProcess(left.pid)).toBeUndefined();
    expect(await namespaces(next.address)).toContain("kept");
  });

  it("is stopped in good order by Ctrl-C of its owner", async () => {
    const owner = startOwner("temporal", join(folder, "temporal"));
    const { pid } = await owner.server;
    expect(await owner.end("SIGINT")).toEqual({ code: 0, signal: null });
    expect(identifyProcess(pid)).toBeUndefined();
  });

  it("shows its web page, and takes another port where the wanted one is taken", async () => {
    const first = await start();
    expect((await fetch(first.uiUrl)).status).toBe(200);
    const port = Number(first.address.split(":")[1]);
    const second = await startTemporal({
      machine: readLocalMachine(),
      dataDir: join(folder, "other"),
      inMemory: true,
      preferredPort: port,
    });
    try {
      expect(second.address).not.toBe(first.address);
      expect(existsSync(join(folder, "other", "temporal.sqlite"))).toBe(false);
    } finally {
      await second.stop();
    }
  });
});

describe("getting Temporal", () => {
  const bin = () => join(folder, "bin");
  const cacheDir = () => join(folder, "cache");
  const cached = () => join(cacheDir(), `temporal-${TEMPORAL_CLI_VERSION}`);
  const machine = (): LocalMachine => {
    const { environment } = readLocalMachine();
    // No network: whatever asks for a module or a download fails at once.
    return {
      searchPath: bin(),
      cacheDir: cacheDir(),
      environment: { ...environment, GOPROXY: "off", GOFLAGS: "-mod=mod" },
    };
  };
  const program = (name: string, script: string) => {
    mkdirSync(bin(), { recursive: true });
    writeFileSync(join(bin(), name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin(), name), 0o755);
  };

  it("takes the one on PATH when it is new enough", async () => {
    program("temporal", 'echo "temporal version 1.9.0 (Server 1.31.0, UI 2.50.0)"');
    expect(await findTemporalCli({ machine: machine() })).toMatchObject({
      found: "path",
      path: join(bin(), "temporal"),
    });
  });

  it("passes over one on PATH that is too old or is something else, and says so", async () => {
    const { path } = await findTemporalCli({ machine: readLocalMachine() });
    mkdirSync(cached(), { recursive: true });
    symlinkSync(path, join(cached(), "temporal"));
    for (const says of ["temporal version 0.10 (Server 1.20.0, UI 2.0)", "a calendar"]) {
      program("temporal", `echo "${says}"`);
      const said: string[] = [];
      const found = await findTemporalCli({ machine: machine(), onProgress: (line) => said.push(line) });
      expect(found).toMatchObject({ found: "cache", path: join(cached(), "temporal") });
      expect(said.join("\n")).toContain(
        `${join(bin(), "temporal")} is not a Temporal of server 1.28.0 or newer`,
      );
    }
  });

  it("downloads it", async () => {
    program("temporal", 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"');
    execFileSync("tar", ["-czf", join(folder, "archive.tar.gz"), "-C", bin(), "temporal"]);
    rmSync(bin(), { recursive: true });
    const server = createServer((request, response) => {
      if (request.url === "/archive") return response.end(readFileSync(join(folder, "archive.tar.gz")));
      expect(request.url).toMatch(/^\/cli\/v1\.5\.1\?arch=(amd64|arm64)&platform=(linux|darwin)/);
      response.end(JSON.stringify({ archiveUrl: `${downloadFrom}/archive`, fileToExtract: "temporal" }));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const downloadFrom = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const found = await findTemporalCli({ machine: machine(), downloadFrom });
      expect(found).toMatchObject({ found: "download", path: join(cached(), "temporal") });
      expect(readdirSync(cached())).toEqual(["temporal"]);
    } finally {
      server.close();
    }
  });

  it("builds it with Go where it cannot be downloaded, and only a whole program gets the name", async () => {
    // A stand-in for Go that writes what `go install` would, and tells what it was asked for.
    program(
      "go",
      'echo "$*" >&2; echo \'#!/bin/sh\necho "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"\' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"',
    );
    const said: string[] = [];
    const options = {
      machine: machine(),
      onProgress: (line: string) => said.push(line),
      downloadFrom: NOBODY,
    };
    const found = await findTemporalCli({ ...options, machine: withShell(machine()) });
    expect(found).toMatchObject({ found: "go", path: join(cached(), "temporal") });
    expect(said.join("\n")).toMatch(
      /the download from 127\.0\.0\.1:9 failed[\s\S]*building Temporal 1\.5\.1 with Go/,
    );
    expect(readdirSync(cached())).toEqual(["temporal"]);
    expect(await findTemporalCli(options)).toMatchObject({ found: "cache" });
  });

  it("leaves no half program when Ctrl-C comes while it is built", async () => {
    program("go", 'echo part > "$GOBIN/temporal"; echo building >&2; exec sleep 600');
    const abort = new AbortController();
    const finding = findTemporalCli({
      machine: withShell(machine()),
      signal: abort.signal,
      downloadFrom: NOBODY,
      onProgress: (line) => {
        if (line.startsWith("building")) setImmediate(() => abort.abort());
      },
    });
    await expect(finding).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(cached())).toEqual([]);
  });

  it("names every way to get it when there is none", async () => {
    const finding = findTemporalCli({ machine: machine(), downloadFrom: NOBODY });
    await expect(finding).rejects.toMatchObject({ code: "unavailable" });
    const message = await finding.catch((error: Error) => error.message);
    for (const way of ["TEMPORAL_ADDRESS", "PATH", "127.0.0.1:9", "Go", join(cached(), "temporal")])
      expect(message).toContain(way);
    expect(message).not.toContain("\n");
  });

  const withShell = (one: LocalMachine): LocalMachine => ({
    ...one,
    searchPath: `${one.searchPath}:/usr/bin:/bin`,
  });
});

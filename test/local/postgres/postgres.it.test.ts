import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { connect } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPlace } from "../../../src/local/postgres/postgres-place.ts";
import { type LocalPostgres, startPostgres } from "../../../src/local/postgres/postgres.ts";
import { identifyProcess } from "../../../src/local/processes/process-identity.ts";
import { type RunFolder, createRunFolder } from "../../../src/local/stack/run-folder.ts";
import { startOwner } from "../../support/owner-process.ts";
import { RUNS } from "../../support/runs.ts";

let folder: string;
let run: RunFolder;
let running: LocalPostgres | undefined;

beforeEach(async () => {
  run = await createRunFolder(RUNS);
  folder = run.path;
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  run.remove();
});

const start = async (name = "pg") =>
  (running = await startPostgres({ dataDir: join(folder, name), durable: false }));

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe("the embedded Postgres", () => {
  it("runs in a folder that only its owner may enter, and keeps its data", async () => {
    chmodSync(folder, 0o700);
    const first = await start();
    await query(first.url, "create table kept as select 'é' as text");
    await first.stop();
    const second = await start();
    expect(await query(second.url, "select text, upper(text) as upper from kept")).toEqual([
      { text: "é", upper: "É" },
    ]);
  });

  it("listens on the loopback address alone, and wants the password", async () => {
    const { url, port } = await start();
    const elsewhere = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find((one) => !one.internal && one.family === "IPv4");
    if (elsewhere) await expect(canConnect(elsewhere.address, port)).resolves.toBe(false);
    expect(await canConnect("127.0.0.1", port)).toBe(true);
    const guess = new URL(url);
    guess.password = "guess";
    await expect(query(guess.href, "select 1")).rejects.toThrow("password authentication failed");
  });

  it("starts again after its owner was killed, which stops the one that was left", async () => {
    const owner = startOwner("postgres", join(folder, "pg"));
    const left = await owner.server;
    await query(left.url!, "create table kept (n int)");
    expect(await owner.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
    expect(identifyProcess(left.pid)).toBeDefined();

    const next = await start();
    expect(identifyProcess(left.pid)).toBeUndefined();
    expect(await query(next.url, "select * from kept")).toEqual([]);
  });

  it("stops a survivor that is in no record of ours", { tags: "long" }, async () => {
    const owner = startOwner("postgres", join(folder, "pg"));
    const left = await owner.server;
    await owner.end("SIGKILL");
    rmSync(join(folder, "pg", "owner.json"));
    await start();
    expect(identifyProcess(left.pid)).toBeUndefined();
  });

  it("leaves alone a process that has taken over the pid of a survivor", { tags: "long" }, async () => {
    const first = await start();
    await first.stop();
    const cluster = join(readPlace(join(folder, "pg")) ?? join(folder, "pg"), "cluster");
    // This very process, which is no Postgres, under the number that Postgres had.
    writeFileSync(join(cluster, "postmaster.pid"), `${process.pid}\n${cluster}\n`);
    const owner = { pid: 4_194_303, started: "never" };
    const stop = [{ signal: "SIGKILL", waitMs: 1 }];
    const child = { identity: identifyProcess(process.pid), mark: cluster, stop };
    writeFileSync(join(folder, "pg", "owner.json"), JSON.stringify({ owner, child }));
    const second = await start();
    expect(await query(second.url, "select 1 as alive")).toEqual([{ alive: 1 }]);
  });

  it("is stopped in good order by Ctrl-C of its owner", { tags: "long" }, async () => {
    const owner = startOwner("postgres", join(folder, "pg"));
    const { pid } = await owner.server;
    expect(await owner.end("SIGINT")).toEqual({ code: 0, signal: null });
    expect(identifyProcess(pid)).toBeUndefined();
    expect(readFileSync(join(folder, "pg", "postgres.log"), "utf8")).toContain(
      "database system is shut down",
    );
    expect(existsSync(join(folder, "pg", "owner.json"))).toBe(false);
  });

  it(
    "leaves nothing half made when Ctrl-C comes while the cluster is being created",
    { tags: "long" },
    async () => {
      const owner = startOwner("postgres", join(folder, "pg"));
      await owner.progress(/creating a Postgres database cluster/);
      expect(await owner.end("SIGINT")).toEqual({ code: 0, signal: null });
      expect(await query((await start()).url, "select 1 as alive")).toEqual([{ alive: 1 }]);
    },
  );

  it("starts after its owner was killed while the cluster was being created", { tags: "long" }, async () => {
    const owner = startOwner("postgres", join(folder, "pg"));
    await owner.progress(/creating a Postgres database cluster/);
    await owner.end("SIGKILL");
    expect(await query((await start()).url, "select 1 as alive")).toEqual([{ alive: 1 }]);
  });

  it("says who is using the folder", { tags: "long" }, async () => {
    await start();
    await expect(startPostgres({ dataDir: join(folder, "pg") })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
  });

  it("refuses data of another major version", async () => {
    await (await start()).stop();
    const cluster = join(readPlace(join(folder, "pg")) ?? join(folder, "pg"), "cluster");
    writeFileSync(join(cluster, "PG_VERSION"), "15\n");
    await expect(start()).rejects.toThrow(
      /is of Postgres 15, the installed one is \d+: move that folder away/,
    );
  });

  it("says that a port is taken", { tags: "long" }, async () => {
    const { port } = await start();
    await expect(startPostgres({ dataDir: join(folder, "other"), port })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(`did not start on port ${port}`),
    });
  });
});

describe("the folder of a run", () => {
  it("is cleared, servers and all, by the next run when its own was killed; a living one is left alone", async () => {
    const runs = join(folder, "runs");
    const alive = await createRunFolder(runs);
    const dead = join(runs, "run-dead");
    mkdirSync(dead);
    writeFileSync(join(dead, "owner.json"), JSON.stringify({ owner: { pid: 4_194_303, started: "never" } }));
    const owner = startOwner("postgres", join(dead, "postgres"));
    const { pid } = await owner.server;
    const elsewhere = readPlace(join(dead, "postgres"));
    await owner.end("SIGKILL");

    const next = await createRunFolder(runs);
    expect(identifyProcess(pid)).toBeUndefined();
    expect(readdirSync(runs).toSorted()).toEqual(
      [alive, next].map((run) => run.path.slice(runs.length + 1)).toSorted(),
    );
    if (elsewhere !== undefined) expect(existsSync(elsewhere)).toBe(false);
    alive.remove();
    next.remove();
    expect(readdirSync(runs)).toEqual([]);
  });
});

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      settle(true);
    });
    socket.once("error", () => settle(false));
  });
}

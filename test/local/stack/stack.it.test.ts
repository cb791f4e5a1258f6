import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { readDevState } from "../../../src/local/stack/dev-state.ts";
import {
  type ProcessIdentity,
  identifyProcess,
  isRunning,
} from "../../../src/local/processes/process-identity.ts";
import { stopProcess } from "../../../src/local/processes/stop-process.ts";
import { removeStack } from "../../support/remove-stack.ts";
import { type SluiceProcess, startSluice } from "../../support/sluice-process.ts";

interface Dev {
  readonly child: SluiceProcess;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly uiUrl: string;
  readonly modelServerUrl: string | null;
  readonly serverUrl: string;
  /** Postgres, Temporal, the worker and the HTTP server. */
  readonly parts: Readonly<Record<string, ProcessIdentity>>;
}

const folders: string[] = [];
const children: SluiceProcess[] = [];
const parts: ProcessIdentity[] = [];

/** Only its owner may enter it, as a home is. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-stack-"));
  folders.push(folder);
  return folder;
}

function sluice(folder: string, ...args: string[]): SluiceProcess {
  const child = startSluice(args, folder);
  children.push(child);
  return child;
}

async function dev(folder: string, ...options: string[]): Promise<Dev> {
  const child = sluice(folder, "dev", "--json", ...options);
  const document = await child.document();
  const pids = Object.entries(document["pids"] as Record<string, number>);
  const identities = Object.fromEntries(pids.map(([name, pid]) => [name, identifyProcess(pid)!]));
  parts.push(...Object.values(identities));
  return { ...(document as unknown as Dev), child, parts: identities };
}

const running = (one: Dev) => Object.keys(one.parts).filter((name) => isRunning(one.parts[name]!));

async function end({ child }: Dev, signal: NodeJS.Signals) {
  child.kill(signal);
  return child.ended;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 90_000; !holds(); await delay(50))
    if (Date.now() > deadline) throw new Error(`not within 90 s: ${what}`);
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGTERM");
    await child.ended;
  }
  for (const identity of parts.splice(0)) await stopProcess(identity, [{ signal: "SIGKILL", waitMs: 5_000 }]);
  for (const folder of folders.splice(0)) await removeStack(folder);
});

describe("the local stack", () => {
  it("is a migrated Postgres, Temporal with its page, a scripted model and a worker, and Ctrl-C ends it all", async () => {
    const folder = newFolder();
    const one = await dev(folder);
    expect(running(one)).toEqual(["postgres", "temporal", "worker", "server"]);
    expect(await query(one.databaseUrl, "select count(*)::int as n from sluice.prompts")).toEqual([{ n: 0 }]);
    expect((await fetch(one.uiUrl)).status).toBe(200);
    expect((await fetch(`${one.modelServerUrl}/v1/models`)).status).toBe(200);
    const state = readDevState(folder)!;
    expect(state).toMatchObject({ databaseUrl: one.databaseUrl, uiUrl: one.uiUrl, serverUrl: one.serverUrl });
    const pointers = (key: string) =>
      fetch(`${one.serverUrl}/v1/resolver/pointers`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ scopes: [], have: [] }),
      });
    expect((await pointers(state.serverKey!)).status).toBe(200);
    expect((await pointers("slu_none")).status).toBe(401);
    const doctor = sluice(folder, "doctor", "--json");
    expect(await doctor.document()).toMatchObject({ state: "ok" });
    expect(await doctor.ended).toMatchObject({ code: 0 });

    expect(await end(one, "SIGINT")).toMatchObject({ code: 0 });
    expect(running(one)).toEqual([]);
    expect(readDevState(folder)).toBeUndefined();
  });

  it("is one a directory, but two directories have one each", { tags: "long" }, async () => {
    const [here, there] = [newFolder(), newFolder()];
    const [one, two] = await Promise.all([dev(here), dev(there, "--no-model-server")]);
    expect(one.temporalAddress).not.toBe(two.temporalAddress);
    expect(one.uiUrl).not.toBe(two.uiUrl);
    expect(one.databaseUrl).not.toBe(two.databaseUrl);
    expect(two.modelServerUrl).toBeNull();

    const refused = await sluice(here, "demo", "--exit").ended;
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(
      new RegExp(`runs in ${here} already \\(process ${one.child.pid}, .*stop it first`),
    );
    expect(running(one)).toHaveLength(4);

    // A closed terminal ends it as Ctrl-C does.
    await Promise.all([end(one, "SIGHUP"), end(two, "SIGTERM")]);
    expect([...running(one), ...running(two)]).toEqual([]);
  });

  it(
    "that was killed loses its worker and its server at once, and the next one clears the rest and has its data",
    { tags: "long" },
    async () => {
      const folder = newFolder();
      const killed = await dev(folder);
      await query(killed.databaseUrl, "create table kept as select 1 as n");
      await end(killed, "SIGKILL");
      await until("worker and server have ended", () => running(killed).length === 2);
      expect(running(killed)).toEqual(["postgres", "temporal"]);
      expect(readDevState(folder)).toBeUndefined();

      const next = await dev(folder);
      expect(running(killed)).toEqual([]);
      expect(await query(next.databaseUrl, "select n from kept")).toEqual([{ n: 1 }]);
      // What somebody has set up for them goes on working.
      expect(next.databaseUrl).toBe(killed.databaseUrl);
      expect(next.modelServerUrl).toBe(killed.modelServerUrl);
      expect(next.serverUrl).toBe(killed.serverUrl);
      await end(next, "SIGINT");
      expect(running(next)).toEqual([]);
    },
  );

  it("replaces a worker and an HTTP server that end by themselves, and ends when Postgres or Temporal does", async () => {
    const folder = newFolder();
    const one = await dev(folder);
    for (const part of ["worker", "server"]) {
      const again = one.child.progress(new RegExp(`a new ${part} is ready`));
      process.kill(one.parts[part]!.pid, "SIGKILL");
      await again;
    }
    const { serverUrl } = readDevState(folder)!;
    expect((await fetch(`${serverUrl}/readyz`)).status).toBe(200);
    expect(running(one)).toEqual(["postgres", "temporal"]);

    process.kill(one.parts["temporal"]!.pid, "SIGKILL");
    const { code, stderr } = await one.child.ended;
    expect(code).toBe(5);
    expect(stderr).toContain("temporal (process");
    expect(running(one)).toEqual([]);
  });

  it("whose demo was killed leaves nothing that dev does not clear", { tags: "long" }, async () => {
    const folder = newFolder();
    const demo = sluice(folder, "demo");
    await until("the demo runs", () => readDevState(folder) !== undefined);
    const { pids } = readDevState(folder)!;
    const left = Object.values(pids).map((pid) => identifyProcess(pid)!);
    parts.push(...left);
    demo.kill("SIGKILL");
    await demo.ended;
    const runs = join(folder, ".sluice", "demo");
    expect(readdirSync(runs)).toHaveLength(1);

    const next = await dev(folder);
    await until("its processes are gone", () => !left.some(isRunning));
    expect(readdirSync(runs)).toEqual([]);
    await end(next, "SIGTERM");
    expect(existsSync(join(folder, ".sluice", "owner.json"))).toBe(false);
  });
});

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

const LIBRARY = new URL("../../../src/resolver/index.ts", import.meta.url).href;
const SERVICE = `
  import { createResolver } from ${JSON.stringify(LIBRARY)};
  const prompts = await createResolver({ source: process.env.DATABASE_URL, preload: ["support-reply"] });
  process.on("SIGTERM", async () => { await prompts.close(); process.exit(0); });
  process.stdout.write("ready\\n");
`;
const ROLLBACK = ["rollback", "support-reply", "--reason", "bad"];

interface Fleet {
  readonly confirmed: number;
  readonly live: number;
  readonly drift: boolean;
  readonly instances: readonly { pid: number; revision: number; behindMs: number | null }[];
}

let bench: CommandBench;
const services: ChildProcess[] = [];
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
  for (const wording of ["Be brief.", "Be kind."]) {
    await bench.file("support-reply.yaml", promptFile(wording));
    await bench.run(["push", "support-reply.yaml"]);
  }
  await set(1, 0);
});
afterAll(async () => {
  for (const service of services) service.kill("SIGKILL");
  await bench.close();
});

async function set(version: number, revision: number): Promise<void> {
  const args = ["--expected-revision", String(revision), "--reason", "test", "--force"];
  const ran = await bench.run(["pointers", "set", `support-reply@${version}`, ...args]);
  expect(ran.stderr).toBe("");
}

async function startService(): Promise<ChildProcess> {
  const service = spawn(process.execPath, ["--input-type=module", "-e", SERVICE], {
    env: { ...process.env, ...bench.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  services.push(service);
  await once(service.stdout, "data");
  return service;
}

const fleetOf = (wanted: (fleet: Fleet) => boolean) => bench.until<Fleet>(["fleet", "support-reply"], wanted);

describe("a person with services that run", () => {
  it("is told that there are none", async () => {
    const { stdout, code } = await bench.run(["fleet", "support-reply"]);
    expect(stdout).toContain("serves support-reply@1 (revision 1)\nno live resolver has it in memory");
    expect(code).toBe(0);
  });

  it("is told of a scope that has no pointer", async () => {
    const ran = await bench.run(["fleet", "support-reply", "--tenant", "acme"]);
    expect(ran.stderr).toContain("production/support-reply tenant=acme has no pointer of its own");
    expect(ran.code).toBe(2);
  });

  it("is told what to type where a version is named: a fleet is of what is served, whichever version that is", async () => {
    const ran = await bench.run(["fleet", "support-reply@1"]);
    expect(ran.stderr).toContain("a version is not taken here; write support-reply");
    expect(ran.code).toBe(2);
  });

  it("sees which service serves what", async () => {
    const first = await startService();
    const second = await startService();
    const fleet = await fleetOf(({ live }) => live === 2);
    expect(fleet).toMatchObject({ serves: "support-reply@1", revision: 1, confirmed: 2, drift: false });
    const { stdout } = await bench.run(["fleet", "support-reply"]);
    expect(stdout).toContain("(revision 1)\nup to date: 2 of 2");
    for (const { pid } of [first, second])
      expect(stdout).toMatch(new RegExp(`${hostname()} +${pid} +\\S+ +1 .*up to date`));
  });

  it("rolls back and hears from all of them", async () => {
    await set(2, 1);
    const { stdout, code } = await bench.run(ROLLBACK);
    expect(stdout).toMatch(/serves support-reply@1 \(revision 3\)\n2 of 2 resolvers in \d+ ms\n$/);
    expect(code).toBe(0);
  });

  it("is told of the one that is frozen, and the rollback is done all the same", async () => {
    const [frozen] = services;
    await set(2, 3);
    frozen!.kill("SIGSTOP");
    const ran = await bench.run([...ROLLBACK, "--wait-for-fleet", "300ms"]);
    expect(ran.stdout).toContain("serves support-reply@1 (revision 5)");
    expect(ran.stdout).toMatch(
      new RegExp(
        `1 of 2 resolvers in .*; not yet: ${hostname()}/${frozen!.pid} \\(serves revision [34], seen `,
      ),
    );
    expect(ran.code).toBe(0);
  });

  it("fails where a service is behind for long, until it has caught up", async () => {
    const [frozen] = services;
    const late = await fleetOf(({ drift }) => drift);
    expect(late.instances.find(({ pid }) => pid === frozen!.pid)!.behindMs).toBeGreaterThan(5_000);
    const ran = await bench.run(["fleet", "support-reply"]);
    expect(ran.stdout).toMatch(/behind for \d+ s/);
    expect(ran.code).toBe(1);
    frozen!.kill("SIGCONT");
    await fleetOf(({ confirmed }) => confirmed === 2);
    expect((await bench.run(["fleet", "support-reply"])).code).toBe(0);
  });

  it("does not see a service any more that has been stopped", async () => {
    services[0]!.kill("SIGTERM");
    await once(services[0]!, "exit");
    expect(await bench.json(["fleet", "support-reply"])).toMatchObject({ live: 1 });
  });

  it("is told what a wait can be, before anything is rolled back", async () => {
    const ran = await bench.run([...ROLLBACK, "--wait-for-fleet", "soon"]);
    expect(ran.stderr).toContain('--wait-for-fleet must be a duration such as 2s or 500ms, or 0, not "soon"');
    expect(ran.code).toBe(2);
    expect(await bench.json(["fleet", "support-reply"])).toMatchObject({ revision: 5 });
  });
});

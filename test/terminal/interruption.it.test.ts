import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RolloutStatus } from "../../src/domain/rollout/rollout.ts";
import { withDatabase } from "../../src/storage/database.ts";
import { fileDeadLetter } from "../../src/storage/write/file-dead-letter.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../cli/command-bench.ts";
import { startSluice, type Ran, type Running } from "../cli/run-sluice.ts";
import { removeStack } from "../support/remove-stack.ts";

const NAME = "support-reply";
const LIBRARY = new URL("../../src/resolver/index.ts", import.meta.url).href;
const AT_ONCE = "interrupted: what it had done stands, the rest has not happened";

let bench: CommandBench;
/** Takes what it is told, and never answers. */
let silent: Server;
let heard = Promise.resolve();
let rolloutId: string;
let service: ChildProcess | undefined;
beforeAll(async () => {
  let hear = () => {};
  heard = new Promise((settle) => (hear = settle));
  silent = createServer(() => hear());
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  bench = await createCommandBench({ temporal: true });
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.run(["push", "support-reply.yaml"]);
  await bench.run(["pointers", "set", `${NAME}@1`, "--expected-revision", "0", "--reason", "r", "--force"]);
  await bench.file("slow.yaml", promptFile("Be slow.").replace("gpt-5-mini", "gpt-5-mini+latency=30000"));
  await bench.file("second.yaml", promptFile("Be kind."));
  await bench.run(["push", "second.yaml"]);
  await bench.file(
    "long.rollout.yaml",
    `canary: { stages: [{ share: 50% }], interval: 500ms, goal: { metric: rating, direction: higher, margin: 0.5 } }`,
  );
});
afterAll(async () => {
  // A process that is stopped ends by nothing else.
  service?.kill("SIGKILL");
  silent.closeAllConnections();
  silent.close();
  await bench.close();
});

/** Interrupts a command as soon as it has said something. */
async function interrupted(running: Running, said: RegExp, signal: NodeJS.Signals = "SIGINT"): Promise<Ran> {
  await running.said(said);
  running.child.kill(signal);
  return running.ended;
}

const error = (ran: Ran) => (JSON.parse(ran.stdout) as { error: { code: string; message: string } }).error;

describe("Ctrl-C in a command that takes its time", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends an evaluation, of which nothing is kept: %s", async (signal, code) => {
    for (const json of [[], ["--json"]]) {
      const ran = await interrupted(bench.start(["eval", "slow.yaml", ...json]), /2 calls/, signal);
      expect(ran.code).toBe(code);
      expect(ran.stderr.trim().split("\n").at(-1)).toBe("interrupted; nothing of it is kept");
      if (json.length === 0) expect(ran.stdout).toBe("");
      else expect(error(ran)).toMatchObject({ code: "interrupted", details: { signal } });
    }
  });

  it("ends a simulation at once", async () => {
    const args = ["simulate", "--policy", "long.rollout.yaml", "--runs", "1000000", "--json"];
    const ran = await interrupted(bench.start(args), /of 1,000,000 runs/);
    expect(ran.code).toBe(130);
    expect(error(ran).message).toBe(AT_ONCE);
    expect(ran.stderr.trim().split("\n").at(-1)).toBe(AT_ONCE);
  });

  it("ends dev before its parts are there, and leaves none of them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-interrupted-"));
    const ran = await interrupted(startSluice(["dev", "--json"], { cwd: folder }), /starting Temporal/);
    expect(ran.code).toBe(130);
    expect(error(ran).code).toBe("interrupted");
    expect(ran.stderr).toContain("interrupted before all parts had started; those that had are stopped");
    expect(await readdir(join(folder, ".sluice"))).not.toContain("dev.json");
    await removeStack(folder);
  });

  it("stops following a rollout, which goes on: one document, in one piece", async () => {
    const args = ["rollout", "start", `${NAME}@2`, "--policy", "long.rollout.yaml", "--wait", "--json"];
    const ran = await interrupted(bench.start(args), /canary, stage 1 of 1/);
    expect(ran.code).toBe(130);
    ({ rolloutId } = JSON.parse(ran.stdout) as RolloutStatus);
    expect(ran.stderr).toContain("no longer following; the rollout goes on");
    const status = await bench.json(["rollout", "status", NAME]);
    expect(status).toMatchObject({ rolloutId, outcome: null });
  });

  it("stops watching a rollout: whole JSON lines", async () => {
    const ran = await interrupted(bench.start(["rollout", "watch", NAME, "--json"]), /"phase":"canary"/);
    expect(ran.code).toBe(130);
    for (const line of ran.stdout.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ rolloutId });
    expect(ran.stderr).toContain("no longer watching; the rollout goes on");
  });

  it("ends the waiting for services after a rollback, not the rollback", async () => {
    service = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { createResolver } from ${JSON.stringify(LIBRARY)};
         await createResolver({ source: process.env.DATABASE_URL, preload: [${JSON.stringify(NAME)}] });
         process.stdout.write("ready");`,
      ],
      { env: { ...process.env, ...bench.env }, stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(service.stdout!, "data");
    await bench.until<{ live: number }>(["fleet", NAME], ({ live }) => live === 1);
    // It is there, and can say nothing.
    service.kill("SIGSTOP");
    const back = ["rollback", NAME, "--reason", "bad", "--wait-for-fleet", "25s"];
    const ran = await interrupted(bench.start(back), /serves support-reply@1/);
    expect(ran.code).toBe(130);
    // Before that, on a machine that is slow to connect, only that it is connecting.
    const said = ran.stderr.replace(/^still waiting for a connection to Postgres\n/, "");
    expect(said).toBe("no longer waiting for the services; it is rolled back\n");
    expect(await bench.json(["rollout", "status", NAME])).toMatchObject({ rolloutId, outcome: "aborted" });

    const [{ revision }] = await bench.json<[{ revision: number }]>(["pointers", NAME]);
    const again = bench.start([...back, "--json"]);
    await bench.until<[{ revision: number }]>(["pointers", NAME], ([now]) => now.revision > revision);
    again.child.kill("SIGINT");
    const second = await again.ended;
    expect(second.code).toBe(130);
    expect(JSON.parse(second.stdout)).toMatchObject({
      serves: `${NAME}@1`,
      fleet: { confirmed: 0, live: 1 },
    });
  });

  it("ends the redriving of a dead letter, which stays open", async () => {
    const { port } = silent.address() as AddressInfo;
    const id = await withDatabase(bench.env["DATABASE_URL"]!, async (db) => {
      await sql`update sluice.rollouts set policy = policy || ${JSON.stringify({ notify: [{ webhook: `http://127.0.0.1:${port}/` }] })}::jsonb where id = ${rolloutId}`.execute(
        db,
      );
      return fileDeadLetter(db, {
        operationId: "notify/1",
        operation: "notify",
        prompt: NAME,
        rolloutId,
        payload: {},
        error: { code: "unavailable", message: "the receiver was away" },
      });
    });
    const redriving = bench.start(["dead-letters", "redrive", id, "--json"]);
    await heard;
    redriving.child.kill("SIGINT");
    const ran = await redriving.ended;
    expect(ran.code).toBe(130);
    expect(error(ran).code).toBe("interrupted");
    expect(ran.stderr).toBe(`${AT_ONCE}\n`);
    expect(await bench.json(["dead-letters", "show", id])).toMatchObject({ status: "open" });
  });
});

describe("Ctrl-C at any moment", () => {
  const PROMPTS = 40;
  /** From before a process listens until after it has ended, in ms. */
  const MOMENTS = [0, 40, 90, 140, 200, 270, 350, 450, 600, 900];

  beforeAll(async () => {
    for (let number = 0; number < PROMPTS; number++)
      await bench.file(`many-${number}.yaml`, promptFile("Be brief.").replace(NAME, `many-${number}`));
  });

  /** Whatever the moment: the code, one line, a document or nothing. */
  function expectClear({ code, stdout, stderr }: Ran): void {
    // Killed before it could listen or after all was said, told to stop, or done before.
    expect([null, 130, 0]).toContain(code);
    if (code !== null || stdout !== "") JSON.parse(stdout);
    if (code === 130) {
      expect(stderr).toBe(`${AT_ONCE}\n`);
      expect((JSON.parse(stdout) as { error?: { code: string } }).error?.code ?? "done").toMatch(
        /^(interrupted|done)$/,
      );
    }
  }

  it.each(MOMENTS)("a push of many files has pushed all of them or none: after %i ms", async (moment) => {
    const files = Array.from({ length: PROMPTS }, (_, number) => `many-${number}.yaml`);
    const before = await bench.json<object[]>(["list"]);
    const pushing = bench.start(["push", ...files, "--json"]);
    await delay(moment);
    pushing.child.kill("SIGINT");
    expectClear(await pushing.ended);
    const after = await bench.json<object[]>(["list"]);
    expect([before.length, before.length + PROMPTS]).toContain(after.length);
    expect(await bench.json(["audit", "--verify"])).toMatchObject({ ok: true });
  });

  it.each(MOMENTS.slice(0, 6))("init has written all of its files or none: after %i ms", async (moment) => {
    const folder = join(bench.folder, `init-${moment}`);
    const starting = bench.start(["init", folder, "--json"]);
    await delay(moment);
    starting.child.kill("SIGINT");
    expectClear(await starting.ended);
    const again = await bench.json<{ created: string[]; kept: string[] }>(["init", folder]);
    expect([0, again.created.length + again.kept.length]).toContain(again.kept.length);
  });

  it.each([
    ["plan", `${NAME}@2`],
    ["rollout", "status", NAME],
    ["rollout", "start", `${NAME}@2`],
    [
      "pointers",
      "set",
      `${NAME}@1`,
      "--label",
      "staging",
      "--expected-revision",
      "0",
      "--reason",
      "r",
      "--force",
    ],
  ])("%s %s ends clearly", async (...args) => {
    for (const moment of MOMENTS.slice(1, 8)) {
      const running = bench.start([...args, "--json"]);
      await delay(moment);
      running.child.kill("SIGINT");
      const ran = await running.ended;
      // What has been done by an earlier one is refused.
      if (ran.code === 4) expect(error(ran).code).toBe("conflict");
      else expectClear(ran);
    }
    expect(await bench.json(["audit", "--verify"])).toMatchObject({ ok: true });
  });
});

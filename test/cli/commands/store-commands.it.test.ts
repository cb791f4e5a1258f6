import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
});
afterAll(() => bench.close());

const SET = ["pointers", "set", "support-reply@1", "--reason", "first", "--force"];

describe("a person with a database alone", () => {
  it("pushes a version once, however often they push it", async () => {
    const first = await bench.json<object[]>(["push", "-m", "first version", "support-reply.yaml"]);
    expect(first).toMatchObject([{ prompt: "support-reply", version: 1, created: true }]);
    const again = await bench.json<object[]>(["push", "support-reply.yaml"]);
    expect(again).toMatchObject([{ version: 1, created: false }]);
  });

  it("pushes a folder whole or not at all", async () => {
    await mkdir(join(bench.folder, "prompts"));
    await bench.file("prompts/a.yaml", "name: a\nmodel: openai/x\nmessages: [{ role: user, content: hi }]\n");
    await bench.file("prompts/b.yaml", "name: b\nmodel: openai/x\nmesages: []\n");
    await bench.file("prompts/a.rollout.yaml", "not: a prompt");
    const bad = await bench.run(["push"]);
    expect(bad.stderr).toMatch(/prompts\/b\.yaml:3:1: .*"messages"/);
    expect(bad.code).toBe(2);
    const names = (await bench.json<{ prompt: string }[]>(["list"])).map(({ prompt }) => prompt);
    expect(names).toEqual(["support-reply"]);
    await bench.file("prompts/b.yaml", "name: b\nmodel: openai/x\nmessages: [{ role: user, content: ho }]\n");
    expect(await bench.json(["push"])).toMatchObject([{ prompt: "a" }, { prompt: "b" }]);
  });

  it("makes a version live by compare-and-set", async () => {
    const early = await bench.run(SET.slice(0, -1).concat("--expected-revision", "0"));
    expect(early.stderr).toContain("no passed evaluation");
    expect(early.code).toBe(4);
    expect(await bench.json([...SET, "--expected-revision", "0"])).toMatchObject({
      serves: "support-reply@1",
      revision: 1,
    });
    const stale = await bench.run([...SET, "--expected-revision", "0"]);
    expect(stale.stderr).toContain("is at revision 1, not 0");
    expect(stale.code).toBe(4);
  });

  it("gets what a service would get", async () => {
    const resolved = await bench.json(["resolve", "support-reply", "--unit", "user-1"]);
    expect(resolved).toMatchObject({
      prompt: "support-reply",
      version: 1,
      label: "production",
      arm: "unenrolled",
      rolloutId: null,
      revision: 1,
      source: "store",
      reason: "active",
    });
    const nothing = await bench.run(["resolve", "support-reply", "--label", "staging", "--json"]);
    expect(JSON.parse(nothing.stdout)).toMatchObject({ version: null, source: "fallback" });
    expect(nothing.stderr).toContain("nothing is live for staging/support-reply");
  });

  it("goes forward and back, and a second rollback brings nothing bad back", async () => {
    await bench.file("support-reply.yaml", promptFile("Be kind."));
    await bench.run(["push", "-m", "kinder", "support-reply.yaml"], "ben");
    await bench.run([
      ..."pointers set support-reply@2 --expected-revision 1 --force --reason".split(" "),
      "kinder is better",
    ]);
    const back = ["rollback", "support-reply", "--reason", "it was not"];
    expect(await bench.json(back)).toEqual({
      prompt: "support-reply",
      serves: "support-reply@1",
      revision: 3,
      changed: true,
      ended: null,
      fleet: { confirmed: 0, live: 0, ms: expect.any(Number), missing: [] },
    });
    expect(await bench.json(back)).toMatchObject({ serves: "support-reply@1", revision: 4, changed: false });
    expect(await bench.json([...back, "--to", "support-reply@2"])).toMatchObject({
      serves: "support-reply@2",
    });
    const foreign = await bench.run([...back, "--to", "a@1"]);
    expect(foreign.stderr).toContain("a@1 is no version of support-reply");
    expect(foreign.code).toBe(2);
  });

  it("sees versions with status, author, message and whether they were tested", async () => {
    expect(await bench.json(["versions", "support-reply"])).toMatchObject([
      { version: 1, status: "retired", live: [], author: "anna", message: "first version", tested: null },
      { version: 2, status: "live", live: ["production"], author: "ben", message: "kinder" },
    ]);
    expect(await bench.json(["list"])).toMatchObject([
      { prompt: "a", newest: { version: 1, status: "draft" }, live: [] },
      { prompt: "b" },
      { prompt: "support-reply", live: [{ scope: "production", version: "support-reply@2" }] },
    ]);
  });

  it("can push again what show printed, and gets the same version", async () => {
    const { stdout } = await bench.run(["show", "support-reply@2", "--file"]);
    await bench.file("shown.yaml", stdout);
    expect(await bench.json(["push", "shown.yaml"])).toMatchObject([{ version: 2, created: false }]);
  });

  it("sees what differs between a version and a file", async () => {
    const diff = await bench.json(["diff", "support-reply@1", "support-reply.yaml"]);
    expect(diff).toMatchObject({ same: false, changes: [{ part: "messages[0]", kind: "changed" }] });
    const sides = await bench.run(["diff", "support-reply@1", "support-reply@2", "--side-by-side"]);
    expect(sides.stdout).toMatch(/You answer .* \| You answer/);
  });

  it("is told who moved what and why, and that nothing was altered", async () => {
    const entries = await bench.json<{ action: string; reason: string; asserted: string }[]>([
      "audit",
      "support-reply",
    ]);
    expect(entries.map(({ action }) => action)).toEqual([
      "version_pushed",
      "pointer_set",
      "version_pushed",
      "pointer_set",
      "rolled_back",
      "rolled_back",
      "rolled_back",
    ]);
    expect(entries[3]).toMatchObject({ reason: "kinder is better", asserted: "anna", to: "support-reply@2" });
    expect(await bench.json(["audit", "--verify"])).toMatchObject({ ok: true, prompts: 3 });
  });

  it("is refused a model that names none, which would mean every model", async () => {
    const moved = await bench.json<object[]>(["pointers"]);
    for (const command of [
      ["rollback", "support-reply", "--reason", "r"],
      ["resolve", "support-reply"],
      [...SET, "--expected-revision", "0"],
      ["fleet", "support-reply"],
    ])
      for (const model of ["openai/", " / "]) {
        const refused = await bench.run([...command, "--model", model]);
        expect(refused).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(/names (?:a provider and )?no model/),
        });
      }
    expect(await bench.json(["pointers"])).toEqual(moved);
  });

  it("is told what was live at any time", async () => {
    const entries = await bench.json<{ action: string; at: string }[]>(["audit", "support-reply"]);
    const live = async (at: string) =>
      (await bench.json<{ active: string }[]>(["pointers", "support-reply", "--at", at])).map(
        ({ active }) => active,
      );
    expect(await live(entries[1]!.at)).toEqual(["support-reply@1"]);
    expect(await live(entries[3]!.at)).toEqual(["support-reply@2"]);
    expect(await live(entries[4]!.at)).toEqual(["support-reply@1"]);
    expect(await live("1d")).toEqual([]);
    const now = await bench.json<object[]>(["pointers", "support-reply", "--at", "0s"]);
    expect(now).toMatchObject([{ active: "support-reply@2", reason: "it was not", by: "anna" }]);
  });

  it("keeps a default for every prompt apart from the prompt whose version it is", async () => {
    const anyPrompt = "pointers set a@1 --any-prompt --expected-revision 0 --force --reason r".split(" ");
    await bench.run([...anyPrompt, "--model", "gpt-5-mini"]);
    const at = await bench.json<object[]>(["pointers", "--at", "0s"]);
    expect(at).toContainEqual(expect.objectContaining({ prompt: null, model: "gpt-5-mini", active: "a@1" }));
    expect(await bench.json(["pointers", "a"])).toMatchObject([{ prompt: null, active: "a@1", revision: 1 }]);
    const rollback = ["rollback", "--any-prompt", "--reason", "r"];
    await bench.run(
      "pointers set b@1 --any-prompt --expected-revision 1 --force --reason r --model gpt-5-mini".split(" "),
    );
    expect(await bench.json([...rollback, "--model", "gpt-5-mini"])).toMatchObject({
      serves: "a@1",
      revision: 3,
    });
    expect(await bench.json(["pointers", "a", "--at", "0s"])).toMatchObject([
      { prompt: null, active: "a@1", revision: 3 },
    ]);
    for (const wrong of [rollback, [...rollback, "a", "--model", "m"], ["rollback", "--reason", "r"]])
      expect((await bench.run(wrong)).code).toBe(2);
    const needs = await bench.run(anyPrompt);
    expect(needs.stderr).toContain("--any-prompt needs --model");
  });

  it("is shown what a prompt has of its own before the defaults of any prompt (pointers NAME)", async () => {
    const set = ["pointers", "set", "a@1", "--expected-revision", "0", "--force", "--reason", "r"];
    await bench.run([...set, "--any-prompt", "--model", "aaa-model"]);
    await bench.run([...set, "--model", "zzz-model"]);
    for (const asked of [["a"], []]) {
      const shown = await bench.json<{ prompt: string | null }[]>(["pointers", ...asked]);
      const prompts = shown.map(({ prompt }) => prompt);
      expect(prompts).toContain("a");
      expect(prompts.slice(prompts.indexOf(null)).every((prompt) => prompt === null)).toBe(true);
    }
  });

  it("records an outcome that no rollout counts, and is told so", async () => {
    const ran = await bench.run(
      "record support-reply@1 --unit user-1 --metric rating=5 latency_ms=830".split(" "),
    );
    expect(ran.stdout).toContain("no rollout counts it (user-1 is served support-reply@2 now)");
    expect(ran.code).toBe(0);
  });

  it.each([
    ["rollout", "status"],
    ["rollout", "list"],
    ["rollout", "watch"],
    ["versions"],
    ["show"],
    ["resolve"],
    ["pointers"],
    ["fleet"],
    ["audit"],
    ["eval"],
    ["rollback", "--reason", "r"],
  ])("is told of the name that was meant: %s %s", async (...command) => {
    const ran = await bench.run([...command, "support-repyl"]);
    expect(ran.stderr).toContain('there is no prompt "support-repyl"; did you mean "support-reply"?');
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
    expect(ran.code).toBe(2);
    const { stdout } = await bench.run([...command, "support-repyl", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "not_found" } });
  });

  it("is told of the version that does not exist", async () => {
    const ran = await bench.run(["show", "support-reply@9"]);
    expect(ran.stderr).toContain("support-reply@9 does not exist; the newest version is support-reply@2");
  });

  it("is told when Temporal is away, and that nothing runs without asking it", async () => {
    const env = { ...bench.env, TEMPORAL_ADDRESS: "127.0.0.1:1" };
    const { runSluice } = await import("../run-sluice.ts");
    const start = await runSluice(["rollout", "start", "support-reply@1"], { env });
    expect(start.stderr).toContain("Temporal at 127.0.0.1:1 cannot be reached");
    expect(start.stderr.trim().split("\n")).toHaveLength(1);
    expect(start.code).toBe(5);
    for (const verb of ["pause", "abort"]) {
      const ran = await runSluice(["rollout", verb, "support-reply"], { env });
      expect(ran.stderr).toContain("no rollout is running for production/support-reply");
      expect(ran.code).toBe(2);
    }
  });

  it("is told that the database is not migrated", async () => {
    const url = new URL(bench.env["DATABASE_URL"]!);
    url.pathname = "/template1";
    const { runSluice } = await import("../run-sluice.ts");
    for (const args of [["list"], ["push", "support-reply.yaml"], ["rollout", "start", "x@1"]]) {
      const ran = await runSluice(args, { cwd: bench.folder, env: { DATABASE_URL: url.href } });
      expect(ran.stderr).toContain("run: sluice migrate");
      expect(ran.code).toBe(4);
    }
    url.pathname = "/nowhere";
    const ran = await runSluice(["list"], { env: { DATABASE_URL: url.href } });
    expect(ran.stderr).toContain('database "nowhere" does not exist');
    expect(ran.code).toBe(5);
  });
});

describe("a rollback that somebody's transaction keeps waiting", () => {
  const rollback = ["rollback", "held", "--reason", "bad", "--wait-for-fleet", "0"];
  let holder: pg.Client;
  beforeAll(async () => {
    await bench.file("held.yaml", "name: held\nmodel: openai/x\nmessages: [{ role: user, content: one }]\n");
    await bench.run(["push", "held.yaml"]);
    await bench.run(["pointers", "set", "held@1", "--expected-revision", "0", "--force", "--reason", "r"]);
  });
  beforeEach(async () => {
    holder = new pg.Client({ connectionString: bench.env["DATABASE_URL"], application_name: "a notebook" });
    holder.on("error", () => undefined);
    await holder.connect();
    await holder.query("begin; select from sluice.pointers where prompt = 'held' for update");
  });
  afterEach(() => holder.end());

  it("says what it waits for and how to go on, and is done when the lock is let go", async () => {
    const { rows } = await holder.query<{ pid: number }>("select pg_backend_pid() as pid");
    const waiting = bench.start(rollback);
    // The lock is let go only after this was said.
    const news = await waiting.said(/waiting for a lock.*/);
    expect(news).toContain(`held by connection ${rows[0]!.pid} (a notebook, user `);
    expect(news).toContain("in a transaction for ");
    expect(news).toContain("again with --end-blockers");
    await holder.query("rollback");
    const { code, stdout } = await waiting.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("production/held serves") });
  });

  it("is never of another version than the one that is written: a version in the name is refused", async () => {
    const ran = await bench.run(["rollback", "held@1", "--reason", "bad"]);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("add --to held@1") });
  });

  it("ends what holds the lock where it is told to, and says whose connection that was", async () => {
    const { code, stderr, stdout } = await bench.start([...rollback, "--end-blockers"]).ended;
    expect(stderr).toMatch(/ended connection \d+ \(a notebook/);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("production/held serves") });
  });
});

describe("a reader who does not stay", () => {
  const shell = (script: string) =>
    new Promise<{ code: number | null; said: string }>((settle) => {
      const env = { PATH: process.env["PATH"], ...bench.env, NODE: process.execPath };
      const sluice = `sluice() { "$NODE" ${new URL("../../../bin/sluice.mjs", import.meta.url).pathname} "$@"; }`;
      const child = spawn("bash", ["--norc", "-c", `set -o pipefail; ${sluice}; ${script}`], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      child.stdout.on("data", (part) => (said += String(part)));
      child.stderr.on("data", (part) => (said += String(part)));
      // A busy machine may keep it waiting, which it says.
      child.once("close", (code) => settle({ code, said: said.replace(/^still waiting .*\n/gm, "") }));
    });

  it("ends no command with an error", async () => {
    expect(await shell("sluice audit --json | head -c 1")).toEqual({ code: 0, said: "[" });
    expect((await shell("sluice audit --help | head -n 1")).code).toBe(0);
    expect(await shell("sluice list >&-")).toEqual({ code: 0, said: "" });
  });

  it("does not undo what a command has done", async () => {
    const ran = await shell("sluice rollback support-reply --reason piped --to support-reply@1 | true");
    expect(ran).toEqual({ code: 0, said: "" });
    expect(await bench.json(["pointers", "support-reply"])).toContainEqual(
      expect.objectContaining({ prompt: "support-reply", active: "support-reply@1" }),
    );
  });

  it("is told when there is no room", async () => {
    const ran = await shell("sluice list > /dev/full");
    expect(ran.said).toBe("sluice: stdout cannot be written (ENOSPC)\n");
    expect(ran.code).toBe(5);
  });
});

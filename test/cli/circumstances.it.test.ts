import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/parsing/command-list.ts";
import { helpOn } from "../../src/cli/parsing/help.ts";
import { withDatabase } from "../../src/storage/database.ts";
import { fileDeadLetter } from "../../src/storage/write/file-dead-letter.ts";
import { HAS_TERMINALS, runOnTerminal } from "../support/terminal.ts";
import { openShell } from "../support/shell.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "./command-bench.ts";
import { runSluice } from "./run-sluice.ts";

const SLUICE = new URL("../../bin/sluice.mjs", import.meta.url).pathname;
const WIDTH = 40;
let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.run(["push", "support-reply.yaml", "-m", "the first version, which says what everybody knew"]);
  await bench.run(["rollout", "start", "support-reply@1", "--wait"]);
  await bench.file("support-reply.yaml", promptFile("Be brief, and kind to everybody who asks."));
  await bench.run(["push", "support-reply.yaml", "-m", "kinder"]);
  await bench.run(["record", "support-reply@1", "--unit", "u", "--metric", "rating=4", "latency_ms=830"]);
  await bench.run(["rollout", "start", "support-reply@2"]);
  const { rolloutId } = await bench.until<{ rolloutId: string; evidence: object[] }>(
    ["rollout", "status", "support-reply"],
    ({ evidence }) => evidence.length > 0,
  );
  await bench.run(["rollback", "support-reply", "--reason", "its answers were too kind for the lawyers"]);
  await withDatabase(bench.env["DATABASE_URL"]!, (db) =>
    fileDeadLetter(db, {
      operationId: "promote/1",
      operation: "frobnicate",
      prompt: "support-reply",
      rolloutId,
      payload: { rollout: rolloutId, words: "everything that it takes to do it once more" },
      error: { code: "unavailable", message: "the webhook answered 500 to each of ten attempts" },
    }),
  );
});
afterAll(() => bench.close());

/** Every command that reads. What is there to be pasted, a prompt file or a command, stays whole. */
const READS = [
  "list",
  "versions support-reply",
  "versions support-reply --used-by",
  "diff support-reply@1 support-reply@2",
  "diff support-reply@1 support-reply@2 --side-by-side",
  "usage support-reply",
  "resolve support-reply --unit user-1",
  "rollout status support-reply",
  "rollout watch support-reply",
  "rollout list",
  "plan support-reply@2 --traffic 5000/day",
  "simulate support-reply --effect rating=-0.2 --runs 20",
  "eval support-reply.yaml",
  "pointers",
  "pointers --at 0s",
  "fleet support-reply",
  "audit",
  "audit --verify",
  "audit show support-reply",
  "audit recompute support-reply",
  "dead-letters list",
];

/** Lines that are longer than the terminal although they could have been broken. */
function tooLong(screen: string): string[] {
  return stripVTControlCharacters(screen)
    .split(/[\n\r]/)
    .filter((line) => line.length > WIDTH && !isOneWord(line));
}

/** A word that does not fit, such as an id, may stand behind a label. */
function isOneWord(line: string): boolean {
  const words = line.trim().split(/\s+/);
  const longest = Math.max(...words.map((word) => word.length));
  return words.length <= 2 && longest + 12 > WIDTH;
}

describe("a reader who does not stay", () => {
  const shell = () =>
    openShell(bench.folder, {
      env: { ...bench.env, NODE: process.execPath, SLUICE },
      prelude: 'set -o pipefail; sluice() { "$NODE" "$SLUICE" "$@"; }',
    });
  it.each(READS)("ends no command with an error: %s", async (line) => {
    const readers = ["| cat > all.txt", "| true", ">&-"];
    const [all, ...gone] = await Promise.all(
      readers.map((reader) => shell().type(`sluice ${line} -q ${reader}`)),
    );
    for (const one of gone) expect(one).toEqual({ code: all!.code, said: "" });
  });
});

describe("with no Temporal", () => {
  const without = (args: readonly string[]) =>
    runSluice(args, { cwd: bench.folder, env: { ...bench.env, TEMPORAL_ADDRESS: "127.0.0.1:1" } });
  const STAGING = ["support-reply", "--label", "staging"];
  let running: string;
  // Only what runs can be paused, promoted or replaced: without a rollout, its absence is what there is to say.
  beforeAll(async () => {
    const byHand = ["--expected-revision", "0", "--reason", "r", "--force"];
    await bench.json(["pointers", "set", "support-reply@1", "--label", "staging", ...byHand]);
    await bench.json(["rollout", "start", "support-reply@2", "--label", "staging"]);
    const { rolloutId } = await bench.until<{ rolloutId: string; phase: string }>(
      ["rollout", "status", ...STAGING],
      ({ phase }) => phase === "canary",
    );
    running = rolloutId;
  });

  /** What no command may have changed: a pointer's revision counts its moves. */
  const standing = async () => ({
    audit: await bench.json<unknown>(["audit", "support-reply"]),
    rollouts: await bench.json<unknown>(["rollout", "list"]),
    revisions: (await bench.json<{ label: string; revision: number }[]>(["pointers"])).map(
      ({ label, revision }) => [label, revision],
    ),
  });
  it("every command that needs it says so in one line, and moves nothing", async () => {
    const before = await standing();
    const commands = [
      "start support-reply@2",
      "start support-reply@2 --replace --wait",
      ...[
        "start support-reply@2",
        "start support-reply@1 --replace",
        "start support-reply@2 --replace --wait",
      ].map((line) => `${line} --label staging`),
      ...["pause", "resume", "promote"].map((verb) => `${verb} ${STAGING.join(" ")}`),
    ];
    const all = await Promise.all(
      commands.map(async (line) => ({ line, ...(await without(["rollout", ...line.split(" "), "--json"])) })),
    );
    for (const { line, code, stdout, stderr } of all) {
      expect(code, line).toBe(5);
      expect(stderr.trim().split("\n"), line).toHaveLength(1);
      expect(JSON.parse(stdout), line).toMatchObject({ error: { code: "unavailable" } });
    }
    expect(await standing()).toEqual(before);
  });

  it("start says first what is wrong with the policy or its dataset, which nothing of is kept", async () => {
    const canary =
      "canary: { stages: [{ share: 50% }], goal: { metric: rating, direction: higher, margin: 0.5 } }";
    await bench.file("broken.yaml", "- { vars: { question: q }, assert: [{ type: no-such-check }] }\n");
    await bench.file("no-goal.rollout.yaml", "canary: { stages: [{ share: 50% }] }\n");
    await bench.file("no-dataset.rollout.yaml", `gate: { dataset: nowhere.yaml }\n${canary}\n`);
    await bench.file("broken-dataset.rollout.yaml", `gate: { dataset: broken.yaml }\n${canary}\n`);
    const documents = () =>
      withDatabase(bench.env["DATABASE_URL"]!, (db) =>
        db.selectFrom("documents").select("sha256").orderBy("sha256").execute(),
      );
    const before = await documents();
    for (const [policy, what] of [
      ["no-goal.rollout.yaml", /goal/],
      ["no-dataset.rollout.yaml", /nowhere\.yaml/],
      ["broken-dataset.rollout.yaml", /no-such-check/],
      ["nowhere.rollout.yaml", /nowhere\.rollout\.yaml/],
    ] as const) {
      const refused = await without(["rollout", "start", "support-reply@2", "--policy", policy]);
      expect(refused, policy).toMatchObject({ code: 2, stderr: expect.stringMatching(what) });
      expect(refused.stderr.trim().split("\n"), policy).toHaveLength(1);
    }
    expect(await documents()).toEqual(before);
  });

  it.each(["pause", "resume", "promote", "abort"])("%s needs none to say that nothing runs", async (verb) => {
    const { code, stdout, stderr } = await without(["rollout", verb, "support-reply", "--json"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^sluice: no rollout is running for production\/support-reply; .*\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "not_found" } });
  });

  it("abort ends what runs in the database, and all traffic is on the baseline", async () => {
    const { code, stdout, stderr } = await without(["rollout", "abort", ...STAGING, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ rolloutId: running, outcome: "aborted" });
    expect(await bench.json(["rollout", "list", "--running"])).toEqual([]);
    expect(await bench.json(["resolve", ...STAGING, "--unit", "user-1"])).toMatchObject({
      version: 1,
      reason: "active",
      rolloutId: null,
    });
  });

  it.each([...READS, "rollback support-reply --reason r"])("needs none: %s", async (line) => {
    const { code, stderr } = await without([...line.split(" "), "-q"]);
    // A rollout that was aborted ends watching with 1.
    expect(code, stderr).toBe(line.startsWith("rollout watch") ? 1 : 0);
  });
});

describe.skipIf(!HAS_TERMINALS)("a terminal of 40 columns", () => {
  const on = (args: readonly string[]) =>
    runOnTerminal([process.execPath, SLUICE, ...args], {
      cwd: bench.folder,
      env: { ...bench.env, SLUICE_ACTOR: "anna" },
      columns: WIDTH,
    });

  it.each(READS)("has no line that is longer: %s", async (line) => {
    const { screen } = await on(line.split(" "));
    expect(screen.trim()).not.toBe("");
    expect(tooLong(screen)).toEqual([]);
  });

  it("shows a version with its facts above its file", async () => {
    const { screen } = await on(["show", "support-reply@1"]);
    const [facts, file] = screen.split("name: support-reply");
    expect(file).toContain("Answers a customer's question");
    expect(tooLong(facts!)).toEqual([]);
  });

  it("says what to do next around commands that stay whole", async () => {
    const { screen } = await on(["init", "starter"]);
    expect(screen).toContain("  cd starter\n");
    expect(tooLong(screen).filter((line) => !line.startsWith("  "))).toEqual([]);
  });

  it("shows a dead letter", async () => {
    const [{ id }] = await bench.json<[{ id: string }]>(["dead-letters", "list"]);
    const { screen } = await on(["dead-letters", "show", id]);
    expect(screen).toContain("frobnicate");
    expect(tooLong(screen)).toEqual([]);
  });

  it.each(["", ...COMMANDS.filter((spec) => !("hidden" in spec)).map(({ name }) => name)])(
    "has help that fits, but for the examples: %s",
    (name) => {
      const lines = helpOn([...name.split(" ").filter(Boolean), "--help"], WIDTH)!;
      const [explained] = lines.join("\n").split(/^Examples?:$/m);
      expect(tooLong(explained!)).toEqual([]);
    },
  );
});

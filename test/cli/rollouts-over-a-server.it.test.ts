import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "./command-bench.ts";
import type { Ran } from "./run-sluice.ts";
import { openServerDoor, type ServerDoor } from "./doors.ts";

const NAME = "support-reply";
/** What was found, without what two measurements differ in. */
const measured = ({ results, costUsd: _, ...report }: { results: object[]; costUsd: number }) => ({
  ...report,
  results: results.map((result) => ({ ...result, latencyMs: 0 })),
});

let bench: CommandBench;
let door: ServerDoor;
beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  door = await openServerDoor(bench);
});
afterAll(async () => {
  await door.close();
  await bench.close();
});

const json = async (args: readonly string[], code = 0) => {
  const ran = await door.run([...args, "--json"]);
  expect(ran, ran.stderr).toMatchObject({ code });
  return JSON.parse(ran.stdout) as Record<string, unknown>;
};

describe("a person with a key, and no login to the database", () => {
  it("pushes a version with its policy and test cases, and sees it promoted", async () => {
    expect(await json(["push", "support-reply.yaml", "-m", "first"])).toMatchObject([
      { version: 1, created: true },
    ]);
    const ran = await door.run(["rollout", "start", `${NAME}@1`, "--wait"]);
    expect(ran.stderr).toContain(`rollout of ${NAME}@1 started`);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("promoted") });
    const asked = ["rollout", "status", NAME];
    expect(await door.run(asked)).toEqual(await bench.run(asked));
  });

  it("starts a canary once, and another rollout in its place only when told to", async () => {
    await bench.file("support-reply.yaml", promptFile("Be kind."));
    await json(["push", "support-reply.yaml"]);
    const started = await json(["rollout", "start", `${NAME}@2`]);
    expect(started).toMatchObject({ candidate: `${NAME}@2`, joined: false, needsApproval: false });
    expect(await json(["rollout", "start", `${NAME}@2`])).toMatchObject({
      rolloutId: started["rolloutId"],
      joined: true,
    });
    await bench.file("support-reply.yaml", promptFile("Be quick."));
    await json(["push", "support-reply.yaml"]);
    expect((await door.run(["rollout", "start", `${NAME}@3`])).code).toBe(4);
    expect(await json(["rollout", "start", `${NAME}@3`, "--replace", "--wait=gate"])).toMatchObject({
      candidate: `${NAME}@3`,
      replaced: started["rolloutId"],
    });
  });

  it("watches it by the server's events, pauses it, goes on, and ends it", async () => {
    const watching = door.start(["rollout", "watch", NAME, "--json"]);
    await watching.said(/"phase":"canary"/);
    expect(await json(["rollout", "pause", NAME, "--reason", "lunch"])).toMatchObject({ paused: true });
    await watching.said(/"paused":true/);
    expect((await door.run(["rollout", "pause", `${NAME}@1`])).stderr).toContain(`is not of ${NAME}@1`);
    expect((await door.run(["rollout", "resume", NAME])).stdout).toContain("goes on");
    expect(await json(["rollout", "promote", NAME], 3)).toMatchObject({ granted: false });
    expect((await door.run(["rollout", "approve", `${NAME}@3`])).code).toBe(4);
    expect(await json(["rollout", "abort", NAME, "--reason", "enough"])).toMatchObject({
      candidate: `${NAME}@3`,
    });
    const { code, stdout } = await watching.ended;
    expect(code).toBe(1);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { outcome: string | null });
    expect(lines.at(-1)).toMatchObject({ outcome: "aborted" });
    const texts = stdout.trim().split("\n");
    expect(texts.filter((text, at) => text === texts[at - 1])).toEqual([]);
    for (const asked of [
      ["rollout", "status", NAME, "--json"],
      ["rollout", "list", "--json"],
      ["audit", NAME, "--json"],
      ["audit", "show", NAME],
      ["audit", "show", `${NAME}@3`, "--json"],
      ["audit", "recompute", (await json(["rollout", "status", NAME]))["rolloutId"] as string, "--json"],
      ["pointers", "--json"],
    ])
      expect(await door.run(asked)).toEqual(await bench.run(asked));
  });

  it("stops following with Ctrl-C, and the rollout goes on", async () => {
    const waiting = door.start(["rollout", "start", `${NAME}@2`, "--again", "--wait", "--json"]);
    await waiting.said(/canary/);
    waiting.child.kill("SIGINT");
    const { code, stdout } = await waiting.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ candidate: `${NAME}@2`, outcome: null });
    expect(await json(["rollback", NAME, "--reason", "trying"])).toMatchObject({ ended: `${NAME}@2` });
    expect((await door.run(["rollout", "watch", NAME])).code).toBe(1);
  });

  it("takes a version along to what includes it, and follows that to its end, as over the database", async () => {
    const push = async (number: number) => {
      const file = `name: style\nmodel: openai/gpt-4.1-mini\nmessages: [{ role: system, content: "Style ${number}" }]\n`;
      await bench.file("style.yaml", file);
      await json(["push", "style.yaml"]);
    };
    await push(1);
    await bench.file(
      "reply.yaml",
      "name: reply\nmodel: openai/gpt-4.1-mini\nmessages: [{ include: style@1 }, { role: user, content: Hi }]\n",
    );
    await json(["push", "reply.yaml"]);
    await push(2);
    expect(await json(["list", "--stale"])).toMatchObject([{ prompt: "reply" }]);
    const done = await json(["propagate", "style@2", "--wait"]);
    expect(done).toMatchObject({
      version: "style@2",
      dependants: [{ prompt: "reply", from: "reply@1", version: "reply@2", state: "made" }],
    });
    expect(await json(["list", "--stale"])).toEqual([]);
    const status = ["propagate", "status", done["propagationId"] as string];
    for (const asked of [status, [...status, "--json"]])
      expect(await door.run(asked)).toEqual(await bench.run(asked));
    await push(3);
    const here = await bench.run(["propagate", "style@3", "--to", "reply", "--wait"]);
    expect(here).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("reply@3 is made, and nothing could"),
    });
    expect((await json(["show", "reply"]))["message"]).toBe("includes style@3");
  });

  it("has workers evaluate a version, with the document, JUnit and exit code that the database gives", async () => {
    const evaluated = async (
      through: { run(args: readonly string[]): Promise<Ran> },
      junit: string,
      option: readonly string[],
    ) => {
      const args = ["eval", `${NAME}@2`, "--baseline", `${NAME}@1`, "--junit", junit, "--json", ...option];
      const { code, stdout, stderr } = await through.run(args);
      expect(stderr).toContain(`${NAME}@2: `);
      const xml = await readFile(join(bench.folder, junit), "utf8");
      return { code, ...measured(JSON.parse(stdout)), xml: xml.replaceAll(/time="[\d.]+"/g, "TIME") };
    };
    const told = [
      // By a database what is known of the baseline would be reused.
      await evaluated(bench, "here.xml", ["--remeasure"]),
      await evaluated(door, "there.xml", ["--max-cost", "0.5"]),
    ];
    expect(told[1]).toEqual(told[0]);
    expect(told[0]).toMatchObject({ code: 3, candidate: `${NAME}@2`, baseline: `${NAME}@1`, cases: 2 });
    // The limits of the command go with it, and test cases in a file.
    const strict = ["--min-pass-rate", "1", "--repeats", "2", "--dataset", "impossible.yaml"];
    await bench.file("impossible.yaml", GOLDEN.replaceAll(/value: "[^"]+"/g, 'value: "never said"'));
    const failed = await json(["eval", NAME, ...strict, "--max-cost", "0.5"], 1);
    expect(failed).toMatchObject({ verdict: "fail", repeats: 2, candidate: `${NAME}@3`, passed: 0 });
    for (const [args, said] of [
      [["eval", NAME], "--max-cost USD"],
      [["eval", NAME, "--quick", "--max-cost", "1"], "--quick: over a server its workers ask the models"],
      [["eval", NAME, "--baseline", "support-reply.yaml", "--max-cost", "1"], "--baseline of a file"],
      [["eval", NAME, "--max-cost", "1000"], "may spend 10 US dollars at most"],
    ] as const) {
      const refused = await door.run(args);
      expect(refused.stderr).toContain(said);
      expect(refused.code).toBe(2);
    }
    // A file is evaluated where the command runs, by any door.
    expect((await door.run(["eval", "support-reply.yaml"], bench.env)).stdout).toContain("2 passed");
  }, 120_000);

  it("is named in the audit log by proof, whatever a worker did for them", async () => {
    const entries = (await json(["audit", NAME])) as unknown as {
      action: string;
      principal: { name: string } | null;
    }[];
    const asked = entries.filter(({ principal }) => principal !== null);
    expect(new Set(asked.map(({ principal }) => principal!.name))).toEqual(new Set(["anna"]));
    expect(asked.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        "version_pushed",
        "rollout_started",
        "pause_requested",
        "abort_requested",
        "evaluation_requested",
        "rolled_back",
      ]),
    );
  });
});

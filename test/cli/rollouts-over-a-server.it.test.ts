import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "./command-bench.ts";
import { openServerDoor, type ServerDoor } from "./doors.ts";

const NAME = "support-reply";
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
        "rolled_back",
      ]),
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
  const pushes = [
    promptFile("Be brief."),
    `${promptFile("Be brief.")}params: { temperature: 0.1 }\n`,
    promptFile("Be kind."),
    promptFile("Be kind.").replace(/^variables:/m, "variables:\n  locale: { type: string, required: true }"),
  ];
  for (const text of pushes) {
    await bench.file("support-reply.yaml", text);
    await bench.run(["push", "support-reply.yaml"]);
  }
});
afterAll(() => bench.close());

const SEMVERS = ["1.0.0", "1.0.1", "1.1.0", "2.0.0"];

describe("the semantic version of a pushed version", () => {
  it("says what changed since the version before, and the number goes on counting", async () => {
    const versions = await bench.json<{ version: number; semver: string }[]>(["versions", "support-reply"]);
    expect(versions.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    expect(versions.map(({ semver }) => semver)).toEqual(SEMVERS);
    expect(await bench.json(["push", "support-reply.yaml"])).toMatchObject([
      { version: 4, semver: "2.0.0", created: false },
    ]);
  });

  it("names the version wherever its number does", async () => {
    expect(await bench.json(["show", "support-reply@1.1.0"])).toMatchObject({ version: 3, semver: "1.1.0" });
    expect(await bench.json(["resolve", "support-reply@1.0.1"])).toMatchObject({ version: 2 });
    expect(await bench.json(["diff", "support-reply@1.0.0", "support-reply@1.0.1"])).toMatchObject({
      from: "support-reply@1",
      changes: [{ part: "params.temperature" }],
    });
    const set = ["--force", "--reason", "x", "--expected-revision"];
    await bench.json(["pointers", "set", "support-reply@1.0.0", ...set, "0"]);
    expect(await bench.json(["pointers", "set", "support-reply@1.1.0", ...set, "1"])).toMatchObject({
      serves: "support-reply@3",
    });
    expect(
      await bench.json(["rollback", "support-reply", "--to", "support-reply@1.0.0", "--reason", "x"]),
    ).toMatchObject({ serves: "support-reply@1" });
    const recorded = ["record", "support-reply@1.0.1", "--unit", "u", "--metric", "rating=3"];
    expect(await bench.json(recorded)).toMatchObject({ version: "support-reply@2" });
    await bench.file(
      "other.yaml",
      "name: other\nmodel: openai/x\nmessages: [{ include: support-reply@1.0.1 }, { role: user, content: hi }]\n",
    );
    await bench.run(["push", "other.yaml"]);
    expect(await bench.json(["show", "other"])).toMatchObject({
      artifact: { includes: [{ prompt: "support-reply", number: 2 }] },
    });
  });

  it("that does not exist is said, with the newest one", async () => {
    const { code, stderr } = await bench.run(["show", "support-reply@1.7.0"]);
    expect(stderr).toContain(
      "support-reply@1.7.0 does not exist; the newest version is support-reply@4 (2.0.0)",
    );
    expect(code).toBe(2);
  });
});

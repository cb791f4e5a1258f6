import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, type CommandBench } from "../command-bench.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("style.yaml", style("Be brief."));
  await bench.file("reply.yaml", reply(1));
  await bench.json(["push", "style.yaml", "reply.yaml"]);
});
afterAll(() => bench.close());

const style = (text: string) =>
  `name: style\nmodel: openai/m\nmessages: [{ role: system, content: "${text}" }]\n`;
const reply = (number: number) =>
  `name: reply\nmodel: openai/m\nmessages: [{ include: style@${number} }, { role: user, content: Hi }]\n`;

describe("a person whose prompt includes another", () => {
  it("sees its whole text, and whose it is", async () => {
    const { stdout } = await bench.run(["show", "reply"]);
    expect(stdout).toMatch(/include +style@1: message 1\n/);
    expect(stdout).toContain("content: Be brief.");
  });

  it("can push again what show printed, and gets the same version", async () => {
    const { stdout } = await bench.run(["show", "reply", "--file"]);
    expect(stdout).toContain("- include: style@1\n");
    await bench.file("again.yaml", stdout);
    expect(await bench.json(["push", "again.yaml"])).toMatchObject([{ version: 1, created: false }]);
  });

  it("sees what a newer version of the other one would change", async () => {
    await bench.file("style.yaml", style("Be thorough."));
    await bench.file("newer.yaml", reply(2));
    await bench.json(["push", "style.yaml"]);
    const { stdout } = await bench.run(["diff", "reply@1", "newer.yaml"]);
    expect(stdout).toMatch(/-.*Be brief\.\n.*\+.*Be thorough\./);
    expect(stdout).toMatch(/-.*style@1\n.*\+.*style@2/);
  });

  it("sees who uses the other one", async () => {
    const { stdout } = await bench.run(["versions", "style", "--used-by"]);
    expect(stdout).toMatch(/^version +used by +through +live for\nstyle@1 +reply@1\n$/);
    expect((await bench.run(["versions", "reply", "--used-by"])).stdout).toBe("no version includes reply\n");
    const unknown = await bench.run(["versions", "styel", "--used-by"]);
    expect(unknown.stderr).toContain('did you mean "style"?');
    expect(unknown.code).toBe(2);
  });
});

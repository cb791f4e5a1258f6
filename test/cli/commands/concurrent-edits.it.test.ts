import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, type CommandBench } from "../command-bench.ts";
import { runSluice } from "../run-sluice.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench();
});
afterAll(() => bench.close());

const prompt = (name: string, text: string) =>
  `name: ${name}\nmodel: openai/gpt-4.1-mini\nmessages: [{ role: user, content: "${text}" }]\n`;

/** Somebody's own checkout, with the same database. */
async function checkout(name: string) {
  const folder = join(bench.folder, name);
  await mkdir(join(folder, "prompts"), { recursive: true });
  const run = (...args: string[]) =>
    runSluice(args, { cwd: folder, env: { ...bench.env, SLUICE_ACTOR: name } });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@example.com", ...args], { cwd: folder });
  const write = (file: string, text: string) => writeFile(join(folder, file), text);
  return { folder, run, git, write, lock: () => readFile(join(folder, "prompts/sluice.lock"), "utf8") };
}

describe("two people who edit one prompt", () => {
  it("are told what the other one changed, and nothing is lost", async () => {
    const [anna, ben] = [await checkout("anna"), await checkout("ben")];
    await anna.write("prompts/help.yaml", prompt("help", "one"));
    const first = await anna.run("push", "-m", "first");
    expect(first.stderr).toContain("prompts/sluice.lock says from now on which version");
    expect(await anna.lock()).toMatch(/^ {2}help:\n {4}version: 1\n {4}sha256: [0-9a-f]{64}$/m);
    await ben.write("prompts/sluice.lock", await anna.lock());

    await anna.write("prompts/help.yaml", prompt("help", "two"));
    await anna.run("push", "-m", "kinder");
    await ben.write("prompts/help.yaml", prompt("help", "three"));
    await ben.write("prompts/other.yaml", prompt("other", "o"));
    const late = await ben.run("push");
    expect(late.code).toBe(4);
    expect(late.stderr).toContain(
      'help@2 was pushed meanwhile by anna ("kinder"), and this file came from help@1; it changed messages[0]',
    );
    const refused = JSON.parse((await ben.run("push", "--json")).stdout);
    expect(refused).toMatchObject({ error: { code: "conflict", details: { base: 1, newest: 2 } } });
    expect(JSON.parse((await ben.run("list", "--json")).stdout)).toHaveLength(1);

    const wrong = await ben.run("push", "--base", "2");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("--base goes with one prompt") });
    const merged = await ben.run("push", "--base", "2", "prompts/help.yaml");
    expect(merged.stdout).toContain("help@3");
    expect(await ben.lock()).toContain("version: 3");
    expect((await ben.run("push")).stdout).toContain("other@1");
  });

  it("are no conflict where one edit goes on from the other in the history of the file", async () => {
    const carl = await checkout("carl");
    carl.git("init", "-q");
    await carl.write("prompts/mail.yaml", prompt("mail", "one"));
    await carl.run("push");
    carl.git("add", ".");
    carl.git("commit", "-qm", "one");
    const committed = await carl.lock();
    for (const text of ["two", "three"]) {
      // A runner pushes what is committed, and does not commit the lock that this writes.
      await carl.write("prompts/sluice.lock", committed);
      await carl.write("prompts/mail.yaml", prompt("mail", text));
      carl.git("commit", "-qam", text);
      expect(await carl.run("push")).toMatchObject({ code: 0 });
    }
    expect(JSON.parse((await carl.run("versions", "mail", "--json")).stdout)).toHaveLength(3);
  });
});

describe("the version that a file was made from", () => {
  it("is named to push by its number, its semantic version or its whole name", async () => {
    const eve = await checkout("eve");
    const push = async (text: string, ...base: string[]) => {
      await eve.write("prompts/sign-off.yaml", prompt("sign-off", text));
      return eve.run("push", "prompts/sign-off.yaml", ...base);
    };
    await push("version 1");
    await push("version 2");
    // Each names the newest version that there is by then.
    for (const [at, base] of ["2", "1.2.0", "sign-off@4"].entries())
      expect((await push(`version ${at + 3}`, "--base", base)).stdout).toContain(
        `sign-off@${at + 3} (1.${at + 2}.0) created`,
      );
  });

  it("is a version of that very prompt, and one that there is", async () => {
    const frank = await checkout("frank");
    await frank.write("prompts/thanks.yaml", prompt("thanks", "one"));
    await frank.run("push");
    await frank.write("prompts/thanks.yaml", prompt("thanks", "two"));
    for (const [base, said] of [
      ["help@1", "help@1 is no version of thanks"],
      ["9", "thanks@9 does not exist; the newest version is thanks@1"],
      ["7.0.0", "thanks@7.0.0 does not exist; the newest version is thanks@1"],
      ["newest", "must be a whole number from 1 or a semantic version"],
    ] as const)
      expect(await frank.run("push", "--base", base)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(said),
      });
  });
});

describe("a file of several prompts", () => {
  it("is pushed whole, and each of them can be named in it", async () => {
    const dora = await checkout("dora");
    const both = {
      prompts: ["x1", "x2"].map((name) => ({
        name,
        model: "openai/a",
        messages: [{ role: "user", content: name }],
      })),
    };
    await dora.write("prompts/prompts.json", JSON.stringify(both));
    expect(JSON.parse((await dora.run("push", "--json")).stdout)).toMatchObject([
      { prompt: "x1", version: 1 },
      { prompt: "x2", version: 1 },
    ]);
    const diff = await dora.run("diff", "x1@1", "prompts/prompts.json#x2");
    expect(diff.stdout).toContain("x1@1 -> prompts/prompts.json#x2");
    const unnamed = await dora.run("eval", "prompts/prompts.json");
    expect(unnamed.stderr).toContain("holds 2 prompts; name one of them, as in prompts/prompts.json#x1");
    const mistyped = await dora.run("diff", "x1@1", "prompts/prompts.json#x3");
    expect(mistyped.stderr).toMatch(/holds no prompt "x3"; did you mean/);
  });

  it("has what is found in each of them said with its name", async () => {
    const fred = await checkout("fred");
    const file = (names: readonly string[], params = "") =>
      `prompts:\n${names.map((name) => `  - { name: ${name}, model: openai/gpt-5-mini, messages: [{ role: user, content: hi }]${params} }\n`).join("")}`;
    await fred.write("prompts.yaml", file(["f1", "f2"], ", params: { temperature: 0.2 }"));
    const { stderr } = await fred.run("push", "prompts.yaml");
    expect(stderr).toMatch(/warning: \S*prompts\.yaml: f1: .*temperature/);
    expect(stderr).toMatch(/warning: \S*prompts\.yaml: f2: .*temperature/);
    await fred.write("one.yaml", file(["f3"], ", params: { temperature: 0.2 }"));
    expect((await fred.run("push", "one.yaml")).stderr).toMatch(/warning: \S*one\.yaml: openai\/gpt-5-mini/);
  });

  it("has its mistakes at their places", async () => {
    const emil = await checkout("emil");
    await emil.write(
      "prompts.yaml",
      "prompts:\n  - name: a\n    model: openai/a\n    messages: [{ role: user, content: hi }]\n  - name: b\n    modle: openai/a\n",
    );
    const typo = await emil.run("push", "prompts.yaml");
    expect(typo).toMatchObject({ code: 2, stderr: expect.stringMatching(/prompts\.yaml:6:5: .*modle/) });
    await emil.write("prompts.yaml", "prompts: []\n");
    expect((await emil.run("push", "prompts.yaml")).stderr).toContain("with at least one");
    await emil.write(
      "prompts.yaml",
      `prompts:\n  - ${prompt("a", "b").trim().replaceAll("\n", "\n    ")}\nname: c\n`,
    );
    expect((await emil.run("push", "prompts.yaml")).stderr).toMatch(
      /prompts\.yaml:5:1: name: does not go with/,
    );
  });
});

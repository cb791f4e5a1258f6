import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../../../src/local/model-server/server.ts";
import { runSluice } from "../run-sluice.ts";

let server: ModelServer;
let folder: string;
beforeAll(async () => {
  server = await startModelServer();
  folder = await mkdtemp(join(tmpdir(), "sluice-baseline-"));
  git("init", "--quiet");
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

function git(...args: string[]): void {
  const who = ["-c", "user.name=anna", "-c", "user.email=anna@example.org"];
  execFileSync("git", [...who, ...args], { cwd: folder });
}

async function file(name: string, text: string): Promise<string> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
  return name;
}

async function evaluate(...args: string[]) {
  const ran = await runSluice(["eval", ...args, "--json"], {
    cwd: folder,
    env: { OPENAI_BASE_URL: `${server.url}/v1`, ANTHROPIC_BASE_URL: server.url },
  });
  return { ...ran, said: JSON.parse(ran.stdout) };
}

/** The scripted model repeats the beginning of a prompt. */
const config = (prompts: string, more = "") =>
  `prompts: ${prompts}\nproviders: [openai:gpt-4.1]\n${more}tests:\n${["a", "b", "c", "d"].map((word) => `  - { vars: { word: ${word} }, assert: [{ type: contains, value: 'one ${word}' }] }\n`).join("")}`;

const compared = (said: { results: { arm: string; output: string }[] }, arm: string) =>
  said.results.filter((one) => one.arm === arm).map(({ output }) => output);

describe("a configuration of one prompt and one provider, with --baseline", () => {
  it("is compared with a prompt file", async () => {
    await file("new.yaml", config("['Take two {{ word }}']"));
    await file(
      "old.yaml",
      "name: echo\nmodel: openai/gpt-4.1\nvariables: { word: { type: string } }\nmessages: [{ role: user, content: 'Take one {{ word }}' }]\n",
    );
    const { code, said, stderr } = await evaluate("new.yaml", "--baseline", "old.yaml");
    expect(said).toMatchObject({
      cases: 4,
      passRate: 0,
      baselinePassRate: 1,
      regression: 1,
      verdict: "fail",
    });
    expect(compared(said, "baseline")[0]).toContain("Take one a");
    expect(stderr).toContain("new.yaml: 4 cases: 8 calls");
    expect(code).toBe(1);
  });

  it("is compared with itself as it was, with the files that it had then", async () => {
    await file("ci/c.yaml", config("[file://prompts/p.txt]", "evaluateOptions: { repeat: 2 }\n"));
    await file("ci/prompts/p.txt", "Take one {{ word }} then");
    git("add", ".");
    git("commit", "--quiet", "-m", "before");
    await file("ci/prompts/p.txt", "Take one {{ word }} now");
    // What its cases were then does not matter: both are asked those of now.
    const { said, code } = await evaluate("ci/c.yaml", "--baseline", "git:HEAD:ci/c.yaml");
    expect(compared(said, "candidate")[0]).toContain("Take one a now");
    expect(compared(said, "baseline")[0]).toContain("Take one a then");
    expect(said).toMatchObject({ repeats: 2, passRate: 1, baselinePassRate: 1, regression: 0 });
    expect(code).toBe(3);
  });

  it("sees of git no more than the repository of the baseline, and follows no link in it", async () => {
    await file("beside/note.txt", "Take one {{ word }} then");
    await file("in/c.yaml", config("[file://../beside/note.txt]"));
    await file("in/out.yaml", config("[file://../../secret.txt]"));
    await file("in/absolute.yaml", config("[file:///etc/passwd]"));
    await file("in/link.yaml", config("[file://link.txt]"));
    await symlink("../beside/note.txt", join(folder, "in/link.txt"));
    git("add", ".");
    git("commit", "--quiet", "-m", "a stranger's");
    await file("now.yaml", config("['one {{ word }}']"));
    const inside = await evaluate("now.yaml", "--baseline", "git:HEAD:in/c.yaml");
    expect(compared(inside.said, "baseline")[0]).toContain("Take one a then");
    const refused = {
      out: /in\/out\.yaml:1:\d+: git says: .*outside repository/,
      absolute: /lies outside the Git repository/,
      link: /link\.txt is a symbolic link at HEAD/,
      none: /^git:HEAD:in\/none\.yaml: git says: /,
    };
    for (const [name, message] of Object.entries(refused)) {
      const { said, code } = await evaluate("now.yaml", "--baseline", `git:HEAD:in/${name}.yaml`);
      expect(said.error.message).toMatch(message);
      expect(code).toBe(2);
    }
  });

  it("compares their answers where a test selects the best", async () => {
    const best =
      "providers: [openai:gpt-4.1]\ntests: [{ vars: { word: x }, assert: [{ type: select-best, value: longest }] }]\n";
    await file("best.yaml", `prompts: ['A longer {{ word }} it is']\n${best}`);
    await file("worse.yaml", `prompts: ['A {{ word }}']\n${best}`);
    const { said } = await evaluate("best.yaml", "--baseline", "worse.yaml");
    expect(said.errors).toBe(0);
    expect(said.results.map((one: { pass: boolean }) => one.pass).toSorted()).toEqual([false, true]);
  });
});

describe("a configuration of several prompts or providers, with --baseline", () => {
  it("is refused, and says what to do", async () => {
    await file("two.yaml", config("['One {{ word }}', 'Two {{ word }}']"));
    await file("one.yaml", config("['One {{ word }}']"));
    const { code, said } = await evaluate("two.yaml", "--baseline", "one.yaml");
    expect(said.error.message).toBe(
      "two.yaml: has 2 prompts and providers to ask (openai:gpt-4.1: One {{ word }}; openai:gpt-4.1: Two {{ word }}), and --baseline is compared with one; leave one prompt and one provider in it, or compare them with each other without --baseline",
    );
    expect(code).toBe(2);
    const reversed = await evaluate("one.yaml", "--baseline", "two.yaml");
    expect(reversed.said.error.message).toMatch(/^two\.yaml: has 2 prompts .* a baseline is one/);
  });
});

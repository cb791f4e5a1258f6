import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModelServer } from "../../../src/local/model-server/server.ts";
import { document, runSluice } from "../run-sluice.ts";

let folder: string;
let models: Awaited<ReturnType<typeof startModelServer>>;
const PROMPT = "prompts/support-reply.yaml";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-init-"));
  models = await startModelServer();
});
afterAll(async () => {
  await models.stop();
  await rm(folder, { recursive: true, force: true });
});
const here = () => ({
  cwd: folder,
  env: { OPENAI_BASE_URL: `${models.url}/v1`, OPENAI_API_KEY: "local" },
});

describe("a project that init has made", () => {
  it("is written once: what is there is kept", async () => {
    const first = await document<{ created: string[] }>(["init"], here());
    expect(first.created).toContain(PROMPT);
    await writeFile(join(folder, ".gitignore"), "mine\n");
    const second = await document<{ created: string[]; kept: string[] }>(["init"], here());
    expect(second.created).toEqual([]);
    expect(second.kept).toEqual(first.created);
    expect(await readFile(join(folder, ".gitignore"), "utf8")).toBe("mine\n");
  });

  it("passes its own gate with no server at all but a model's", async () => {
    const ran = await runSluice(["eval", PROMPT, "--junit", "gate.xml", "--markdown", "gate.md"], here());
    expect(ran.stdout).toContain("passes");
    expect(ran.code).toBe(0);
    expect(await readFile(join(folder, "gate.xml"), "utf8")).toContain("<testsuite");
    expect(await readFile(join(folder, "gate.md"), "utf8")).toContain("passes the gate");
  });

  it("compares with what git has, as its workflow does", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: folder });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "first");
    const path = join(folder, PROMPT);
    const better = await readFile(path, "utf8");
    await writeFile(path, better.replace("Be brief.", "Guess freely from memory."));
    const report = await runSluice(["eval", PROMPT, "--baseline", `git:HEAD:${PROMPT}`, "--json"], here());
    expect(JSON.parse(report.stdout)).toMatchObject({
      verdict: "fail",
      baseline: `git:HEAD:${PROMPT}`,
      versionId: null,
      cases: 6,
    });
    expect(report.code).toBe(1);
    await writeFile(path, better);
    const wrong = await runSluice(["eval", PROMPT, "--baseline", "git:nope:x.yaml"], here());
    expect(wrong.stderr).toMatch(/git:nope:x\.yaml: git says: /);
    expect(wrong.code).toBe(2);
  });

  it("is told in one line what cannot be evaluated", async () => {
    const lonely = join(folder, "lonely.yaml");
    await writeFile(lonely, "name: lonely\nmodel: openai/x\nmessages: [{ role: user, content: hi }]\n");
    for (const [args, message] of [
      [["eval", "nothing.yaml"], /nothing\.yaml: there is no such file/],
      [["eval", "lonely.yaml"], /lonely\.yaml: there are no test cases/],
      [["eval", PROMPT, "--dataset", "nothing.yaml"], /nothing\.yaml/],
      [["eval", PROMPT, "--junit", "no/such/folder.xml"], /cannot be written \(ENOENT\)/],
      [["diff", "lonely.yaml", "nothing.yaml"], /there is no such file/],
    ] as const) {
      const ran = await runSluice(args, here());
      expect(ran.stderr.trim().split("\n").at(-1)).toMatch(message);
      expect(ran.code).toBe(2);
    }
  });

  it("says that the endpoint is away, and how it refuses", async () => {
    const away = { cwd: folder, env: { OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPENAI_API_KEY: "k" } };
    expect(await runSluice(["eval", PROMPT, "--quiet"], away)).toMatchObject({ code: 5, stdout: "" });
    const strict = await startModelServer({ requireKey: "right" });
    const wrong = { cwd: folder, env: { OPENAI_BASE_URL: `${strict.url}/v1`, OPENAI_API_KEY: "wrong" } };
    const refused = await runSluice(["eval", PROMPT, "--quiet"], wrong);
    await strict.stop();
    expect(refused.stderr).toMatch(/401|OPENAI_API_KEY/);
    expect([2, 5]).toContain(refused.code);
  });

  it("shows a difference in text and structure without a store", async () => {
    const path = join(folder, "changed.yaml");
    await writeFile(path, (await readFile(join(folder, PROMPT), "utf8")).replace("0.2", "0.7"));
    const diff = await document(["diff", PROMPT, "changed.yaml"], here());
    expect(diff).toMatchObject({
      same: false,
      changes: [{ part: "params.temperature", before: 0.2, after: 0.7 }],
    });
    const code = async (...args: string[]) => (await runSluice(["diff", PROMPT, ...args], here())).code;
    expect(await code("changed.yaml")).toBe(0);
    expect(await code("changed.yaml", "--exit-code")).toBe(1);
    expect(await code(PROMPT, "--exit-code")).toBe(0);
  });
});

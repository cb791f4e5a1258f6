import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { readPage, ROOT } from "./markdown.ts";

const page = readPage("docs/extending.md");
/** The page's blocks that name a file, freed of the indentation of a list. */
const blocks = [...page.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm)].map(([, indent, language, text]) => {
  const lines = text!.split("\n").map((line) => line.slice(indent!.length));
  const [, file] = /^(?:\/\/|#) (?:file: )?(\S+\.\w+)$/.exec(lines[0]!) ?? [];
  return { language: language!, file: file!, lines: lines.slice(1) };
});

let folder: string;
let models: Awaited<ReturnType<typeof startModelServer>>;
beforeAll(async () => {
  models = await startModelServer();
  folder = await mkdtemp(path.join(tmpdir(), "sluice-extended-"));
  for (const part of ["src", "bin", "migrations", "package.json", "models"])
    if (existsSync(path.join(ROOT, part)))
      await cp(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  await symlink(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
});
afterAll(async () => {
  await models.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Adds the lines of a diff beside those that it shows around them. */
function patched(text: string, diff: readonly string[]): string {
  const lines = text.split("\n");
  for (const [at, line] of diff.entries()) {
    if (!line.startsWith("+")) continue;
    const after = diff
      .slice(at + 1)
      .find((next) => next.startsWith(" "))!
      .slice(1);
    const place = lines.indexOf(after);
    expect(place, `the page's line stands in the file: ${after}`).toBeGreaterThan(-1);
    lines.splice(place, 0, line.slice(1));
  }
  return lines.join("\n");
}

function sluice(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [path.join(folder, "bin", "sluice.mjs"), ...args], {
    cwd: path.join(folder, "prompts"),
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      NO_COLOR: "1",
      OPENAI_BASE_URL: `${models.url}/v1`,
      OPENAI_API_KEY: "local",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part) => (stdout += String(part)));
  child.stderr.on("data", (part) => (stderr += String(part)));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

describe("the page on extending", () => {
  it("names files that exist, those aside that it tells to write", () => {
    const named = [...page.matchAll(/`((?:src|workflows|activities|migrations|scripts|test)\/[\w./-]+)`/g)];
    expect(named.length).toBeGreaterThan(15);
    expect(named.map(([, file]) => file!).filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it("adds an assertion that works, negated too, when it is followed to the letter", async () => {
    await mkdir(path.join(folder, "prompts"));
    for (const { language, file, lines } of blocks) {
      const target = path.join(folder, file.includes("/") ? file : path.join("prompts", file));
      const text = language === "diff" ? patched(await readFile(target, "utf8"), lines) : lines.join("\n");
      await writeFile(target, text);
    }
    const prompt =
      "name: tea\nmodel: openai/gpt-5.4-mini\nmessages: [{ role: user, content: '{{ topic }}' }]\nvariables: { topic: { type: string } }\n";
    await writeFile(path.join(folder, "prompts", "tea.yaml"), prompt);
    const { code, stdout, stderr } = await sluice("eval", "tea.yaml", "--dataset", "cases.yaml", "--json");
    const report = JSON.parse(stdout);
    expect(report, stderr).toMatchObject({ cases: 2, passed: 1, failed: 1, verdict: "fail" });
    expect(stdout).toMatch(/the answer has \d+ sentences, within 40/);
    expect(code).toBe(1);

    await writeFile(
      path.join(folder, "prompts", "wrong.yaml"),
      "- { vars: { topic: tea }, assert: [{ type: max-sentences }] }\n",
    );
    const refused = await sluice("eval", "tea.yaml", "--dataset", "wrong.yaml");
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("it needs a value: a number of sentences"),
    });
  });
});

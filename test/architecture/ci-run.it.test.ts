import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");

let project: string;

beforeEach(async () => {
  project = await mkdtemp(path.join(tmpdir(), "sluice-ci-"));
  await mkdir(path.join(project, ".ci"));
  await copyFile(path.join(ROOT, ".ci/run"), path.join(project, ".ci/run"));
});

afterEach(() => rm(project, { recursive: true, force: true }));

describe.skipIf(process.platform === "win32")(".ci/run", () => {
  it("fails when a test failed, and still runs the rest", async () => {
    expect(
      await runWith({ test: "echo 11 passed, 1 failed && exit 1", check: "echo 4 passed, 0 failed" }),
    ).toEqual({ code: 1, lastLine: "17 passed, 1 failed" });
  });

  it("counts a part that died without a word as a failure", async () => {
    expect(await runWith({ test: "exit 0", check: "echo 4 passed, 0 failed" })).toEqual({
      code: 1,
      lastLine: "6 passed, 1 failed",
    });
  });

  it("does not believe a part that says all passed and ends with an error", async () => {
    expect(
      await runWith({ test: "echo 12 passed, 0 failed && exit 3", check: "echo 4 passed, 0 failed" }),
    ).toEqual({
      code: 1,
      lastLine: "18 passed, 1 failed",
    });
  });

  it("does not take having run nothing for a pass", async () => {
    expect(await runWith({ test: "echo 0 passed, 0 failed", check: "echo 4 passed, 0 failed" })).toEqual({
      code: 1,
      lastLine: "6 passed, 1 failed",
    });
  });

  it("adds up its parts, which get no input and are told that they run in CI", async () => {
    expect(
      await runWith({
        test: 'test "$CI" = true && test -z "$(cat)" && echo 1 passed, 0 failed',
        check: "echo 4 passed, 0 failed",
      }),
    ).toEqual({ code: 0, lastLine: "7 passed, 0 failed" });
  });

  it("fails when only what is released fails", async () => {
    const scripts = { test: "echo 1 passed, 0 failed", check: "echo 4 passed, 0 failed" };
    expect(await runWith({ ...scripts, "test:release": "echo 1 passed, 1 failed && exit 1" })).toEqual({
      code: 1,
      lastLine: "6 passed, 1 failed",
    });
  });
});

/** Runs the script in a project with these npm scripts. `npm run check` is given the parts to run as arguments. */
async function runWith(given: {
  test: string;
  check: string;
  "test:release"?: string;
}): Promise<{ code: number; lastLine: string }> {
  const scripts = { "test:release": "echo 2 passed, 0 failed", ...given, check: `${given.check} #` };
  await writeFile(path.join(project, "package.json"), JSON.stringify({ scripts }));
  return new Promise((resolve) => {
    const child = execFile("bash", [path.join(project, ".ci/run")], (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, lastLine: stdout.trimEnd().split("\n").at(-1) ?? "" });
    });
    child.stdin?.end("input that nobody asked for\n");
  });
}

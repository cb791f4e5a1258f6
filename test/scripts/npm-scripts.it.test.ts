import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RUNS } from "../support/runs.ts";

const script = (name: string) => fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));

describe("installing what is missing", () => {
  let root: string;
  const lock = (packages: Record<string, object>) =>
    writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: { "": {}, ...packages } }));
  const installed = (packages: Record<string, object>) => {
    mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
    writeFileSync(join(root, "node_modules", ".bin", "node"), "");
    writeFileSync(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages }));
  };
  /** Runs the script with a stand-in for npm that writes down how it was called. */
  const ensure = (exitCode = 0) => {
    const npm = join(root, "npm-cli.js");
    writeFileSync(
      npm,
      `const fs = require("node:fs");
       fs.writeFileSync("called", process.argv.slice(2).join(" "));
       fs.mkdirSync("node_modules/.bin", { recursive: true });
       fs.writeFileSync("node_modules/.bin/node", "");
       process.exit(${exitCode});`,
    );
    rmSync(join(root, "called"), { force: true });
    const env = { ...process.env, npm_execpath: npm };
    const run = spawnSync(process.execPath, [join(root, "scripts", "ensure-installed.mjs")], {
      env,
      encoding: "utf8",
    });
    const called = existsSync(join(root, "called")) ? readFileSync(join(root, "called"), "utf8") : undefined;
    return { status: run.status, stdout: run.stdout, stderr: run.stderr, called };
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "sluice-install-"));
    mkdirSync(join(root, "scripts"));
    copyFileSync(script("ensure-installed.mjs"), join(root, "scripts", "ensure-installed.mjs"));
    lock({
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b-darwin": { version: "1.0.0", optional: true },
    });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("runs npm ci in a fresh clone, says so, and leaves stdout alone", () => {
    const { status, stdout, stderr, called } = ensure();
    expect(called).toMatch(/^ci /);
    expect(stderr).toContain("Installing the packages");
    expect([status, stdout]).toEqual([0, ""]);
  });

  it("does nothing, and says nothing, once that is done", () => {
    ensure();
    expect(ensure()).toEqual({ status: 0, stdout: "", stderr: "", called: undefined });
  });

  it("runs it again when the lockfile names something else", () => {
    ensure();
    lock({ "node_modules/a": { version: "2.0.0" } });
    expect(ensure().called).toMatch(/^ci /);
  });

  it("does nothing when npm has installed just that by itself", () => {
    installed({ "node_modules/a": { version: "1.0.0" } });
    expect(ensure().called).toBeUndefined();
    installed({});
    lock({ "node_modules/a": { version: "1.0.1" } });
    expect(ensure().called).toMatch(/^ci /);
  });

  it("says what to do when it fails, and tries again the next time", () => {
    const { status, stderr } = ensure(1);
    expect(status).toBe(5);
    expect(stderr).toContain("npm ci failed");
    expect(ensure().called).toMatch(/^ci /);
  });
});

describe("npm test", () => {
  const test = (...args: string[]) => {
    const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1" };
    for (const name of Object.keys(env)) if (name.startsWith("VITEST")) delete env[name];
    const run = spawnSync(process.execPath, [script("run-tests.mjs"), ...args], { encoding: "utf8", env });
    return { status: run.status, lastLine: run.stdout.trimEnd().split("\n").at(-1) };
  };

  it("ends with the counts, and with success when all have passed", () => {
    expect(test("--project", "unit", "test/demo/demo-user")).toEqual({
      status: 0,
      lastLine: "4 passed, 0 failed",
    });
  });

  it("fails when there was nothing to test", () => {
    expect(test("--project", "unit", "no-such-test")).toEqual({ status: 1, lastLine: "0 passed, 1 failed" });
  });

  it("counts a test that fails", () => {
    // Outside of test/, where a full run that goes on at the same time would find it.
    mkdirSync(RUNS, { recursive: true });
    const root = mkdtempSync(join(RUNS, "seeded-"));
    writeFileSync(
      join(root, "seeded.test.ts"),
      `import { expect, it } from "vitest";\nit("holds", () => expect(1).toBe(1));\nit("fails", () => expect(1).toBe(2));\n`,
    );
    try {
      expect(test("seeded", "--root", root)).toEqual({ status: 1, lastLine: "1 passed, 1 failed" });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const run = (script: string, ...words: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL(`../../${script}`, import.meta.url)), ...words], {
    encoding: "utf8",
  });

describe.each([
  ["scripts/prove.ts", "npm run prove -- NAME"],
  ["bench/main.ts", "npm run bench -- NAME"],
])("%s", (script, usage) => {
  it.each(["--help", "-h"])("prints its usage for %s, with exit code 0", (flag) => {
    const { status, stdout, stderr } = run(script, flag);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^usage: ${usage}.*\\n$`));
  });

  it("says what is wrong with its usage, with exit code 2", () => {
    const { status, stdout, stderr } = run(script, "--nonsense");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(`; usage: ${usage}`);
  });
});

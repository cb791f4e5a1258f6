import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";

const folders: string[] = [];
const keptProcess = new URL("../../../src/local/stack/kept-process.ts", import.meta.url).href;

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe("a kept process", () => {
  it("is waited for at its stop, by an owner that has nothing else to do", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-kept-"));
    folders.push(folder);
    const child = join(folder, "child.mjs");
    writeFileSync(child, 'process.on("disconnect", () => process.exit()); process.send("ready");\n');
    const owner = join(folder, "owner.mjs");
    writeFileSync(
      owner,
      `import { keepProcess } from ${JSON.stringify(keptProcess)};
const options = { program: ${JSON.stringify(child)}, args: [], environment: {} };
for (const name of ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]) {
  const kept = await keepProcess({ ...options, name, dataDir: ${JSON.stringify(folder)} });
  await kept.stop();
}
console.log("all were stopped");
`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [owner]);
    expect(stdout).toBe("all were stopped\n");
  });
});

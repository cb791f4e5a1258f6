import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { identifyProcess, isRunning } from "../../../src/local/processes/process-identity.ts";

const MODULE = new URL("../../../src/local/processes/npm-parent.ts", import.meta.url).href;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-npm-"));
  // What dev and demo do: they go on until the signal says that they are to end.
  writeFileSync(
    join(folder, "script.mjs"),
    `import { writeFileSync } from "node:fs";
import { npmGone } from ${JSON.stringify(MODULE)};
const gone = npmGone(process.env);
gone.addEventListener("abort", () => { writeFileSync("ended", String(gone.reason)); process.exit(); });
setInterval(() => undefined, 1000);
writeFileSync("pid", String(process.pid));
`,
  );
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ scripts: { start: `"${process.execPath}" script.mjs` } }),
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function appears(name: string): Promise<string> {
  for (const deadline = Date.now() + 30_000; ; await delay(50)) {
    const path = join(folder, name);
    if (existsSync(path) && readFileSync(path, "utf8") !== "") return readFileSync(path, "utf8");
    if (Date.now() > deadline) throw new Error(`${name} was not written within 30 s`);
  }
}

describe("what npm has started", () => {
  it.each(["SIGKILL", "SIGTERM"] as const)(
    "ends when npm is gone, which passes nothing on: %s",
    async (signal) => {
      const npm = spawn("npm", ["start"], { cwd: folder, stdio: "ignore" });
      const script = identifyProcess(Number(await appears("pid")))!;
      expect(isRunning(script)).toBe(true);
      npm.kill(signal);
      // Of SIGTERM some versions of npm do tell the script, which then ends by that.
      for (const deadline = Date.now() + 30_000; isRunning(script); await delay(50))
        if (Date.now() > deadline) {
          process.kill(script.pid, "SIGKILL");
          throw new Error("it goes on without its npm");
        }
      if (signal === "SIGKILL") expect(await appears("ended")).toBe("the npm that started it is gone");
    },
  );
});

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { nodeSettings } from "./node-settings.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs a module in a folder as tests run Node, and gives the JSON that it prints. */
async function evaluate(folder: string, module: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const options = { cwd: folder, env: { ...nodeSettings(), ...env } };
  const args = ["--input-type=module", "-e", `console.log(JSON.stringify(${module}))`];
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout) as unknown;
}

describe.each(["kysely", "openai"])("%s, as a process of the tests loads it", (name) => {
  it("is one file, and has all that the installed package has", async () => {
    expect(await evaluate(ROOT, `import.meta.resolve("${name}")`)).toMatch(
      new RegExp(String.raw`\.cache/.*/node_modules/${name}/[\d.]+\.mjs$`),
    );
    const names = `Object.keys(await import("${name}")).sort()`;
    const installed = await evaluate(ROOT, names, { NODE_OPTIONS: "" });
    expect(await evaluate(ROOT, names)).toEqual(installed);
  });

  it("is its own where a test has installed or copied it elsewhere", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "sluice-elsewhere-"));
    const own = join(elsewhere, "node_modules", name);
    await mkdir(own, { recursive: true });
    await writeFile(
      join(own, "package.json"),
      JSON.stringify({ name, exports: "./own.mjs", type: "module" }),
    );
    await writeFile(join(own, "own.mjs"), "export const own = true;");
    expect(await evaluate(elsewhere, `await import("${name}")`)).toEqual({ own: true });
    await rm(elsewhere, { recursive: true });
  });
});

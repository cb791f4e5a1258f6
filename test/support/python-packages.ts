import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export type PythonWithPackages = { readonly python: string } | { readonly missing: string };

/**
 * A Python that has these packages of PyPI (`name==version`), in a cache outside the checkout, or why there is none here:
 * no Python, or nowhere to get them from.
 */
export async function pythonWith(
  name: string,
  packages: readonly string[],
  withinMs: number,
): Promise<PythonWithPackages> {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = join(cache, "sluice", name);
  const python = join(folder, "bin", "python");
  if (existsSync(join(folder, "complete"))) return { python };
  // Whoever else is at it has a folder of their own: the first one that is complete stays.
  const own = `${folder}-${process.pid}`;
  // Not at a standstill meanwhile: whoever runs the tests waits for answers of this process.
  const run = (command: string, ...words: string[]) =>
    promisify(execFile)(command, words, { timeout: withinMs });
  try {
    mkdirSync(join(cache, "sluice"), { recursive: true });
    await run("python3", "-m", "venv", own);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
    await run(join(own, "bin", "python"), ...pip, ...packages);
    writeFileSync(join(own, "complete"), "");
    if (!existsSync(folder)) renameSync(own, folder);
    return { python };
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    const said = stderr?.trim() || message;
    return { missing: said.split("\n").at(-1)! };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

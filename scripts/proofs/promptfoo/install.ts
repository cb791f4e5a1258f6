import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The version that is compared with. */
export const PROMPTFOO_VERSION = "0.123.1";

/**
 * promptfoo from npm, in a cache outside the checkout; the path of its command. Its optional packages take ten times
 * the room, and it needs none of them but its database's binary for this platform, what reads SQL, and what is named.
 */
export function installPromptfoo(also: readonly string[] = []): string {
  const { folder, command } = installAlone();
  for (const name of also) if (!existsSync(join(folder, "node_modules", name))) install(folder, name);
  return command;
}

function installAlone(): { readonly folder: string; readonly command: string } {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = join(cache, "sluice", `promptfoo-${PROMPTFOO_VERSION}`);
  const command = join(folder, "node_modules/promptfoo/dist/src/entrypoint.js");
  const done = join(folder, "complete-with-sql");
  if (existsSync(done)) return { folder, command };
  process.stdout.write(`installing promptfoo ${PROMPTFOO_VERSION} into ${folder} (370 MB)\n`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  install(folder, `promptfoo@${PROMPTFOO_VERSION}`);
  const { optionalDependencies } = JSON.parse(
    readFileSync(join(folder, "node_modules/libsql/package.json"), "utf8"),
  ) as { optionalDependencies: Record<string, string> };
  const platform = `@libsql/${process.platform}-${process.arch}`;
  const binary = Object.entries(optionalDependencies).find(([name]) =>
    [platform, `${platform}-gnu`, `${platform}-msvc`].includes(name),
  );
  if (!binary) throw new Error(`promptfoo's database has no binary for ${platform}`);
  install(folder, binary.join("@"));
  install(folder, "node-sql-parser@^5");
  writeFileSync(done, "");
  return { folder, command };
}

function install(folder: string, spec: string): void {
  const flags = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...flags, spec], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

// Which Chromium the tests of the dashboard drive: SLUICE_CHROMIUM, else a headless shell from npm, which takes half the
// time of a whole browser and is kept beside what else a machine makes once, else one that is installed, else Debian's,
// installed now by root.
//
//   npx node scripts/ensure-chromium.mjs      prints its path
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "../src/files/cache-folder.ts";

const run = promisify(execFile);
const VERSION = "153.0.0";
const PACKAGE = `@sparticuz/chromium@${VERSION}`;
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The path of a Chromium that starts. Says on `say` what takes time. */
export async function ensureChromium(say = () => undefined) {
  const named = process.env.SLUICE_CHROMIUM;
  if (named) {
    if (await starts(named)) return named;
    throw new Error(`SLUICE_CHROMIUM: ${named} cannot be run; name a Chromium or a Chrome, or unset it`);
  }
  const failures = [];
  for (const find of [headlessShell, installedOne, byApt]) {
    try {
      const path = await find(say);
      if (path !== undefined) return path;
    } catch (error) {
      failures.push(
        String(error.stderr || error.message)
          .trim()
          .split("\n")
          .at(-1),
      );
    }
  }
  throw new Error(
    `there is no Chromium: install one, or set SLUICE_CHROMIUM to its path${failures.map((why) => ` (${why})`).join("")}`,
  );
}

/** One for machines without a screen, in a package. On a machine that lacks the libraries that it needs: undefined. */
async function headlessShell(say) {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const cache = cacheFolder((name) => process.env[name] || undefined);
  const kept = join(cache, `chromium-${VERSION}`);
  if (!existsSync(kept)) {
    say(`installing ${PACKAGE} into ${kept}`);
    await mkdir(cache, { recursive: true });
    // Beside where it will be, so that it is there whole or not at all.
    const making = await mkdtemp(`${kept}-`);
    try {
      await unpack(making);
      await rename(making, kept).catch((error) => {
        if (!existsSync(kept)) throw error;
      });
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  }
  const path = join(kept, "chromium");
  return (await starts(path)) ? path : undefined;
}

async function unpack(folder) {
  const project = join(folder, "package");
  await mkdir(project);
  await writeFile(join(project, "package.json"), '{ "private": true }\n');
  const quickly = ["--no-save", "--no-audit", "--no-fund", "--fetch-retries=1", PACKAGE];
  await run("npm", ["install", ...quickly], { cwd: project });
  // The package unpacks itself into the folder for temporary files.
  const program = `import("@sparticuz/chromium").then(({ default: it }) => it.executablePath())`;
  const env = { ...process.env, TMPDIR: folder, NODE_OPTIONS: "" };
  await run(process.execPath, ["--eval", program], { cwd: project, env });
  await rm(project, { recursive: true });
}

async function installedOne() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES];
  for (const path of paths) if (existsSync(path) && (await starts(path))) return path;
  return undefined;
}

async function byApt(say) {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    return undefined;
  say("installing chromium by apt-get");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", "chromium"];
  // What is known of packages may be too old, or not there at all.
  await run("apt-get", install, { env }).catch(async () => {
    await run("apt-get", ["update"], { env });
    await run("apt-get", install, { env });
  });
  return installedOne();
}

/** It runs, and finds the libraries that it needs. */
async function starts(path) {
  try {
    await run(path, ["--version"], { timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await ensureChromium((line) => console.error(line)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

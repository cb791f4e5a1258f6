import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Finding, found, whole } from "../finding.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const GOAL_MB = 150;
/** What it says that cannot reach its database has loaded all that it needs first. */
const NO_DATABASE = "postgres://nobody@127.0.0.1:1/none";

/**
 * `npm run prove -- image`: what the last stage of deploy/Dockerfile adds to its base, made here by the same commands
 * without Docker: the packages, pruned, and what .dockerignore lets in. With these files alone the workflow bundle is
 * made, and a worker and a server start as far as their database.
 */
export function prove(): Finding {
  const folder = mkdtempSync(join(tmpdir(), "sluice-image-"));
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  try {
    for (const path of namedInDockerignore()) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    }
    run("npm", "ci", "--omit=dev", "--ignore-scripts");
    run(process.execPath, "deploy/prune-packages.mjs", "node_modules");
    execFileSync(process.execPath, ["scripts/bundle-web.mjs"], { cwd: ROOT, stdio: "ignore" });
    cpSync(join(ROOT, "dist", "web"), join(folder, "dist", "web"), { recursive: true });
    const bundle = 'await (await import("./workers/bundle.ts")).workflowBundlePath()';
    run(process.execPath, "--input-type=module", "--eval", bundle);
    const mb = sizeOf(folder) / 1e6;
    const starts = (...words: string[]) => {
      const env = { PATH: process.env["PATH"], DATABASE_URL: NO_DATABASE, SLUICE_METRICS_LISTEN: "off" };
      const options = { cwd: folder, env, encoding: "utf8", timeout: 60_000 } as const;
      const { stderr } = spawnSync(process.execPath, ["src/cli/main.ts", ...words], options);
      const isAtDatabase = /Postgres at 127\.0\.0\.1:1\/none cannot be reached/.test(stderr);
      return found(
        isAtDatabase ? "holds" : "VIOLATED",
        `${words[0]} starts: ${stderr.trim().split("\n").at(-1)}`,
      );
    };
    return whole([
      found(
        mb < GOAL_MB ? "holds" : "VIOLATED",
        `the last stage adds ${mb.toFixed(0)} MB, goal ${GOAL_MB} MB`,
      ),
      starts("worker"),
      starts("server", "--listen", "127.0.0.1:0"),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function namedInDockerignore(): string[] {
  const lines = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
  return lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(path) : lstatSync(path).size);
  }, 0);
}

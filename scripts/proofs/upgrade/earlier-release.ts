import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** A service: it renders for user after user, reports what they think, and says each second how that went. */
const SERVICE = join(import.meta.dirname, "service.ts");

export type Environment = Readonly<Record<string, string>>;

/** Sluice as it is here, or as it was at an earlier commit, run as processes of its own. */
export interface Release {
  readonly name: string;
  /** One command, with `--json`: what it printed. Throws with what it said. */
  command(args: readonly string[], environment: Environment): unknown;
  /** Ready when it says so. */
  worker(environment: Environment): Promise<ChildProcess>;
  server(listen: string, environment: Environment): Promise<ChildProcess>;
  /** Of its library. Each line that it prints is a {@link ServiceReport}. */
  service(environment: Environment): ChildProcess;
  remove(): void;
}

export interface ServiceReport {
  readonly rendered: number;
  readonly candidate: number;
  /** What it was warned of, by code. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Where the newest answer came from. */
  readonly source: string;
}

/** What a service of a release said last. */
export function reportsOf(service: ChildProcess): { readonly newest: ServiceReport | undefined } {
  const reports: { newest: ServiceReport | undefined } = { newest: undefined };
  createInterface({ input: service.stdout! }).on("line", (line) => {
    reports.newest = JSON.parse(line) as ServiceReport;
  });
  return reports;
}

/** The newest commit whose migrations are fewer than those of now, and the same as far as they go. */
export function commitBeforeNewestMigration(): string | undefined {
  const now = migrationsAt("HEAD");
  const commits = git(["log", "--format=%H", "-n", "40", "--", "migrations"]).split("\n");
  return commits
    .map((commit) => git(["rev-parse", `${commit}~1`]))
    .find((commit) => {
      const then = migrationsAt(commit);
      return then.length < now.length && then.every((line, index) => line === now[index]);
    });
}

/** Each numbered file with the hash of what is in it. */
function migrationsAt(commit: string): string[] {
  return git(["ls-tree", commit, "migrations/"])
    .split("\n")
    .filter((line) => line.endsWith(".sql"))
    .map((line) => line.split(/\s+/).slice(2).join(" "));
}

export function presentRelease(): Release {
  return releaseIn(ROOT, "this one", () => undefined);
}

/** Its files, with the packages of now. */
export function earlierRelease(commit: string): Release {
  const folder = mkdtempSync(join(tmpdir(), "sluice-earlier-"));
  const archive = execFileSync("git", ["archive", commit], { cwd: ROOT, maxBuffer: 2 ** 30 });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return releaseIn(folder, git(["show", "-s", "--format=%h of %cs", commit]), () =>
    rmSync(folder, { recursive: true, force: true }),
  );
}

function releaseIn(root: string, name: string, remove: () => void): Release {
  const env = (more: Environment) => ({
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    SLUICE_METRICS_LISTEN: "off",
    ...more,
  });
  const program = join(root, "src", "cli", "main.ts");
  return {
    name,
    command(args, environment) {
      const printed = execFileSync(process.execPath, [program, ...args, "--json"], {
        cwd: root,
        env: env(environment),
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
      return JSON.parse(printed) as unknown;
    },
    worker: (environment) => ready([join(root, "workers", "main.ts"), "--end-with-parent"], env(environment)),
    server: (listen, environment) => ready([program, "server", "--listen", listen], env(environment)),
    service(environment) {
      // Beside the library that it is of, as a service's own code would be.
      const copy = join(root, "service-of-proof.ts");
      cpSync(SERVICE, copy);
      return spawn(process.execPath, [copy], { env: env(environment), stdio: ["ignore", "pipe", "inherit"] });
    },
    remove() {
      rmSync(join(root, "service-of-proof.ts"), { force: true });
      remove();
    },
  };
}

async function ready(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said = "";
  child.stderr!.on("data", (data: Buffer) => void (said = (said + data.toString()).slice(-4_000)));
  const [word] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [unknown];
  if (word !== "ready") throw new Error(said.trim());
  return child;
}

function git(args: readonly string[]): string {
  return execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
}

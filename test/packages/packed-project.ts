import { execFile, spawn } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What the packages are built from. A copy, because a build replaces what an earlier one left in place. */
const SOURCES =
  /^(bin|src|workflows|activities|workers|migrations|examples|scripts|packages|package\.json|tsconfig.*|README\.md|LICENSE)$/;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Builds and packs both packages. Gives the paths of the tarballs by the package's name. */
export async function packPackages(folder: string): Promise<Record<"sluice" | "sluice-resolver", string>> {
  const copy = join(folder, "checkout");
  const tarballs = join(folder, "tarballs");
  await mkdir(copy);
  await mkdir(tarballs);
  const isSource = (path: string) => !path.split("/").includes("dist");
  for (const name of (await readdir(ROOT)).filter((entry) => SOURCES.test(entry)))
    await cp(join(ROOT, name), join(copy, name), { recursive: true, filter: isSource });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"), "junction");
  // Once for both: as it is packed, each package would build everything by itself.
  await must(process.execPath, [join(copy, "scripts", "build.mjs")], copy);
  const both = [".", "./packages/sluice-resolver"];
  await must("npm", ["pack", ...both, "--ignore-scripts", "--pack-destination", tarballs], copy);
  const packed = await readdir(tarballs);
  const path = (pattern: RegExp) =>
    join(
      tarballs,
      packed.find((name) => pattern.test(name))!,
    );
  return { sluice: path(/^sluice-\d/), "sluice-resolver": path(/^sluice-resolver-\d/) };
}

/** An empty project with one package installed from its tarball. */
export async function installInto(folder: string, tarball: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "a-service", private: true }));
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  await must("npm", ["install", ...quiet, tarball], folder);
}

/** The paths of all packages that npm installed, such as `node_modules/pg`. */
export async function installedPackages(project: string): Promise<string[]> {
  const list = await readFile(join(project, "node_modules", ".package-lock.json"), "utf8");
  return Object.keys((JSON.parse(list) as { packages: object }).packages);
}

/** Runs a program under the Node of this test, in a project, with nothing in its environment that names parts. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const options = { cwd, env: { ...bareEnvironment(), ...environment }, maxBuffer: 2 ** 26 };
  return new Promise((settle) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      settle({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, stdout, stderr });
    });
  });
}

function bareEnvironment(): NodeJS.ProcessEnv {
  const named =
    /^(DATABASE_URL|TEMPORAL_|OPENAI_|ANTHROPIC_|SLUICE_|NODE_OPTIONS|npm_(package|lifecycle|config_local))/;
  const kept = Object.entries(process.env).filter(([name]) => !named.test(name));
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  return { ...Object.fromEntries(kept), PATH: path };
}

/** Starts what runs until it is stopped. */
export function startProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
) {
  const child = spawn(program, args, {
    cwd,
    env: { ...bareEnvironment(), ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (part) => (said += String(part)));
  const ended = new Promise<number | null>((settle) => child.once("close", settle));
  return {
    /** Settles when stderr has something that matches; rejects when the program ends before. */
    says: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => pattern.test(said) && resolve();
        child.stderr.on("data", look);
        void ended.then((code) => reject(new Error(`${program} ended with ${code}:\n${said}`)));
        look();
      }),
    /** Asks it to end, and gives its exit code. */
    stop(): Promise<number | null> {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Writes a program into a project, runs it, and reads the JSON that it prints. */
export async function runProgram(
  project: string,
  file: string,
  text: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  await writeFile(join(project, file), text);
  return JSON.parse(await must(process.execPath, [file], project, environment)) as unknown;
}

/** {@link run}, for what has to succeed. Gives what it printed. */
export async function must(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, cwd, environment);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

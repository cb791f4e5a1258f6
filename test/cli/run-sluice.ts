import { type ChildProcess, spawn } from "node:child_process";
import { nodeSettings } from "../support/quick-node/node-settings.ts";
import { runHosted } from "./command-hosts.ts";

const SLUICE = new URL("../../bin/sluice.mjs", import.meta.url).pathname;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** The first match in stdout or stderr, as soon as there is one. */
  said(pattern: RegExp): Promise<string>;
}

/** Starts the real command in a process of its own; of the environment it gets only what is given. */
export function startSluice(args: readonly string[], { cwd, env }: RunOptions = {}): Running {
  const child = spawn(process.execPath, [SLUICE, ...args], {
    cwd: cwd ?? "/",
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  const waiting = new Set<() => void>();
  const hear = () => waiting.forEach((look) => look());
  child.stdout.on("data", (part) => {
    stdout += String(part);
    hear();
  });
  child.stderr.on("data", (part) => {
    stderr += String(part);
    hear();
  });
  const ended = new Promise<Ran>((settle) =>
    child.once("close", (code) => {
      settle({ code, stdout, stderr });
      hear();
    }),
  );
  return {
    child,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (!found) return;
          waiting.delete(look);
          resolve(found[0]);
        };
        waiting.add(look);
        look();
        void ended.then(() =>
          reject(new Error(`ended without saying ${String(pattern)}: ${stdout}${stderr}`)),
        );
      }),
  };
}

/** Those that go on until they are stopped, and start processes of their own. */
const STAYING = new Set(["worker", "server", "dev", "demo"]);

/** Runs a command to its end. */
export function runSluice(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  if (STAYING.has(args[0] ?? "")) return startSluice(args, options).ended;
  return runHosted({ args, cwd: options.cwd ?? "/", env: environment(options.env) });
}

function environment(env: RunOptions["env"]): Record<string, string | undefined> {
  const { PATH, HOME } = process.env;
  return {
    ...nodeSettings(),
    PATH,
    HOME,
    NO_COLOR: "1",
    SLUICE_ACTOR: "anna",
    SLUICE_METRICS_LISTEN: "off",
    ...env,
  };
}

/** The JSON document of a command that did what was asked. */
export async function document<T = Record<string, unknown>>(
  args: readonly string[],
  options: RunOptions = {},
): Promise<T> {
  const ran = await runSluice([...args, "--json"], options);
  if (ran.code !== 0) throw new Error(`sluice ${args.join(" ")} ended with ${ran.code}: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as T;
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ComposeService, readComposeFile } from "../../../test/deployment/compose-file.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const { services } = readComposeFile("deploy/compose/compose.yaml");
const READY_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 30_000;

/** What stands for the composition's names outside containers: each text, and what takes its place. */
export type Names = Readonly<Record<string, string>>;

/** A service of the composition as a process of its own. */
export interface Part {
  /** As `docker compose restart` does: SIGTERM, then its command again, healthy by its own health check. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs a service that ends, as the migration does; gives what it said. `command`: another one, as `docker compose run` takes. */
export function runOnce(name: string, names: Names, command?: readonly string[]): string {
  const { program, args, options } = processOf(name, names, command);
  return execFileSync(program, args, { ...options, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Starts a service that stays, and waits until it is healthy. `more`: beside the environment that the composition gives it. */
export async function startPart(name: string, names: Names, more: Names = {}): Promise<Part> {
  const { program, args, options } = processOf(name, names);
  const [, ...check] = wordsOf(services[name]!.healthcheck!.test, names);
  let child: ChildProcess;
  const start = async () => {
    let said = "";
    child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...options.env, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", (data: Buffer) => void (said = (said + data.toString()).slice(-4_000)));
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await isHealthy(check))) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`${name} is not healthy: ${said}`);
      await delay(200);
    }
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), ENDS_WITHIN_MS);
    await ended;
    clearTimeout(late);
  };
  await start();
  return {
    async restart() {
      await stop();
      await start();
    },
    stop,
  };
}

/** With the environment that the composition gives, and of this machine's only PATH. */
function processOf(name: string, names: Names, command?: readonly string[]) {
  const service: ComposeService = services[name]!;
  const [program, ...args] = wordsOf(command ?? service.command!, names);
  const given = Object.entries(service.environment ?? {}).map(
    ([variable, text]) => [variable, placed(text, names)] as const,
  );
  return {
    program: program === "node" ? process.execPath : program!,
    args,
    options: {
      cwd: ROOT,
      env: { PATH: process.env["PATH"], NODE_ENV: "production", ...Object.fromEntries(given) },
    },
  };
}

async function isHealthy([program, ...args]: readonly string[]): Promise<boolean> {
  const child = spawn(program === "node" ? process.execPath : program!, args, { stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
}

function wordsOf(words: readonly string[], names: Names): string[] {
  return words.map((word) => placed(word, names));
}

/** With the defaults of variables that nobody has set. */
function placed(text: string, names: Names): string {
  const filled = String(text).replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
  return Object.entries(names).reduce((now, [from, to]) => now.replaceAll(from, to), filled);
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { nodeSettings } from "../../../test/support/quick-node/node-settings.ts";
import { startWorkerProcess, type WorkerSurroundings } from "../../../test/support/worker-process.ts";
import type { DieAt, Point } from "./points.ts";

const COMMAND = join(import.meta.dirname, "..", "..", "..", "bin", "sluice.mjs");
const DIE_AT = new URL("die-at.ts", import.meta.url).href;
const NO_LIMITS = "read=1000000,write=1000000,serve=10000000,intake=1000000";
const HOST = "127.0.0.1";

/** A process that can be killed, frozen and started again where it was. */
export interface Restartable {
  kill(): void;
  /** Ends what is left of it and starts it again where it was. */
  restart(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** One of ours, which knows whether anything is wrong with it. */
export interface Mendable extends Restartable {
  /** As it was before any fault: started again only where that is what it takes. */
  mend(): Promise<void>;
}

export interface WorkerPart extends Mendable {
  /** Starts it again with a clock that is wrong by this much, in ms. */
  restart(clockShiftMs?: number): Promise<void>;
  /** Lets a wrong clock jump once more. */
  jump(): void;
  /** Kills it when it next comes to this point of its work. */
  dieAt(point: Point): void;
  readonly isRunning: boolean;
}

export interface ServerPart extends Mendable {
  /** Stays the same when it is started again. */
  readonly url: string;
  /** Fills its disk, or frees it. */
  switchDisk(): void;
}

export async function workerPart(surroundings: WorkerSurroundings): Promise<WorkerPart> {
  const start = (more: Partial<WorkerSurroundings> = {}) =>
    startWorkerProcess({ ...surroundings, ...more, preload: [DIE_AT] });
  let worker = await start();
  let isRight = true;
  const restart = async (clockShiftMs?: number) => {
    await killed(worker);
    worker = await insist(() => start(clockShiftMs === undefined ? {} : { clockShiftMs }));
    isRight = clockShiftMs === undefined;
  };
  return {
    ...signalled(() => worker),
    restart,
    async mend() {
      worker.kill("SIGCONT");
      if (!isRight || !runs(worker)) await restart();
    },
    jump: () => void worker.kill("SIGUSR2"),
    dieAt(point) {
      isRight = false;
      if (worker.connected) worker.send({ dieAt: point } satisfies DieAt, () => undefined);
    },
    get isRunning() {
      return runs(worker);
    },
  };
}

/** `sluice server` with these options, a replica or a relay. */
export async function serverPart(
  options: readonly string[],
  environment: Readonly<Record<string, string>>,
  preload: readonly string[] = [],
): Promise<ServerPart> {
  let port = 0;
  const start = async () => {
    const imports = preload.flatMap((module) => ["--import", module]);
    const child = spawn(
      process.execPath,
      [...imports, COMMAND, "server", "--listen", `${HOST}:${port}`, ...options],
      {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: { ...nodeSettings(), PATH: process.env["PATH"], SLUICE_LIMITS: NO_LIMITS, ...environment },
      },
    );
    let said = "";
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", (data: Buffer) => void (said = (said + data.toString()).slice(-4_000)));
    const [word] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [unknown];
    if (word !== "ready") throw new Error(`a server ended with ${String(word)}: ${said}`);
    port ||= Number(/serving at http:\/\/[\d.]+:(\d+)/.exec(said)?.[1]);
    return child;
  };
  let child = await start();
  const restart = async () => {
    await killed(child);
    child = await insist(start);
  };
  return {
    ...signalled(() => child),
    url: `http://${HOST}:${port}`,
    restart,
    async mend() {
      child.kill("SIGCONT");
      if (!runs(child)) await restart();
    },
    switchDisk: () => void child.kill("SIGUSR2"),
  };
}

function signalled(child: () => ChildProcess): Pick<Restartable, "kill" | "freeze" | "thaw"> {
  return {
    kill: () => void child().kill("SIGKILL"),
    freeze: () => Promise.resolve(void child().kill("SIGSTOP")),
    thaw: () => Promise.resolve(void child().kill("SIGCONT")),
  };
}

function runs({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function killed(child: ChildProcess): Promise<void> {
  if (!runs(child)) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** As a service manager does: what was killed may not be gone yet, and what is needed may be unreachable. */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 50) throw error;
      await delay(300);
    }
  }
}

export async function withChildren(pid: number): Promise<number[]> {
  const pids = [pid];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid) pids.push(Number(name));
  }
  return pids;
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
}

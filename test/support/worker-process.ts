import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { WORKER_MAIN } from "../../src/local/processes/worker-program.ts";
import { nodeSettings } from "./quick-node/node-settings.ts";

export interface WorkerSurroundings {
  readonly databaseUrl: string;
  readonly temporal: string;
  /** Sluice's own when left out. */
  readonly taskQueue?: string;
  readonly modelUrl: string;
  /** What Node is started with, if not the TypeScript of this checkout. */
  readonly program?: readonly string[];
  /** How wrong its clock is, in ms; at SIGUSR2 it jumps once more as far. */
  readonly clockShiftMs?: number;
  /** Modules that are loaded before it. */
  readonly preload?: readonly string[];
}

const SHIFTED_CLOCK = new URL("shifted-clock.ts", import.meta.url).href;

/** A worker in a process of its own, ready for work; it ends with this process, or when it is killed. */
export async function startWorkerProcess(given: WorkerSurroundings): Promise<ChildProcess> {
  const modules = [...(given.preload ?? []), ...(given.clockShiftMs === undefined ? [] : [SHIFTED_CLOCK])];
  const preloaded = modules.flatMap((module) => ["--import", module]);
  const worker = spawn(
    process.execPath,
    [...preloaded, ...(given.program ?? [WORKER_MAIN]), "--end-with-parent"],
    {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: {
        ...nodeSettings(),
        PATH: process.env["PATH"],
        DATABASE_URL: given.databaseUrl,
        TEMPORAL_ADDRESS: given.temporal,
        ...(given.taskQueue !== undefined && { SLUICE_TASK_QUEUE: given.taskQueue }),
        ...(given.clockShiftMs !== undefined && { CLOCK_SHIFT_MS: String(given.clockShiftMs) }),
        OPENAI_API_KEY: "test",
        OPENAI_BASE_URL: `${given.modelUrl}/v1`,
      },
    },
  );
  const errors: string[] = [];
  worker.stderr!.on("data", (text: Buffer) => errors.push(text.toString()));
  const [said] = await Promise.race([once(worker, "message"), once(worker, "exit")]);
  if (said !== "ready") throw new Error(`the worker ended with ${said}: ${errors.join("")}`);
  return worker;
}

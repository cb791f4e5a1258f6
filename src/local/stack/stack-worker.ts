import { fileURLToPath } from "node:url";
import { keepProcess, type KeptProcess, type KeptProcessOptions } from "./kept-process.ts";

export interface StartWorkerOptions extends Omit<KeptProcessOptions, "name" | "program" | "args"> {
  /** Sluice's usual one by default. */
  readonly taskQueue?: string;
}

/** TypeScript in a checkout, JavaScript in a release: as this file is. */
const PROGRAM = fileURLToPath(new URL(`../../../workers/main${import.meta.url.slice(-3)}`, import.meta.url));

export function startWorkerProcess({ taskQueue, ...options }: StartWorkerOptions): Promise<KeptProcess> {
  const queue = taskQueue === undefined ? [] : [`--task-queue=${taskQueue}`];
  return keepProcess({ ...options, name: "worker", program: PROGRAM, args: ["--end-with-parent", ...queue] });
}

import { WORKER_MAIN } from "../processes/worker-program.ts";
import { keepProcess, type KeptProcess, type KeptProcessOptions } from "./kept-process.ts";

export interface StartWorkerOptions extends Omit<KeptProcessOptions, "name" | "program" | "args"> {
  /** Sluice's usual one by default. */
  readonly taskQueue?: string;
}

export function startWorkerProcess({ taskQueue, ...options }: StartWorkerOptions): Promise<KeptProcess> {
  const queue = taskQueue === undefined ? [] : [`--task-queue=${taskQueue}`];
  return keepProcess({
    ...options,
    name: "worker",
    program: WORKER_MAIN,
    args: ["--end-with-parent", ...queue],
  });
}

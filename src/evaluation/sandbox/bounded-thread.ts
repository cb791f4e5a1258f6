import { Worker } from "node:worker_threads";
import pLimit from "p-limit";
import { moduleBeside } from "../../module-beside.ts";

/**
 * A thread that takes one task at a time and is ended when one takes too long, whatever it does: another is started
 * for the next. It keeps no process alive while it has nothing to do.
 */
export class BoundedThread<Task, Answer> {
  readonly #file: URL;
  /** One at a time: a time-out is that task's alone. */
  readonly #oneAtATime = pLimit(1);
  #thread: Worker | undefined;

  /** @param name of the thread's file in this folder, without its extension */
  constructor(name: string) {
    this.#file = moduleBeside(import.meta.url, name);
  }

  /** @param whenBroken what is answered where the thread does not: given why, in a few words */
  ask(task: Task, timeoutMs: number, whenBroken: (problem: string) => Answer): Promise<Answer> {
    return this.#oneAtATime(() => this.#ask(task, timeoutMs, whenBroken));
  }

  #ask(task: Task, timeoutMs: number, whenBroken: (problem: string) => Answer): Promise<Answer> {
    const worker = (this.#thread ??= this.#start());
    worker.ref();
    return new Promise((resolve) => {
      const settle = (answer: Answer, isBroken: boolean) => {
        clearTimeout(timer);
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        if (isBroken) {
          this.#thread = undefined;
          void worker.terminate();
        } else worker.unref();
        resolve(answer);
      };
      const onMessage = (answer: Answer) => settle(answer, false);
      const onError = (error: Error) => settle(whenBroken(error.message), true);
      const onExit = () => settle(whenBroken("the sandbox ended"), true);
      const timer = setTimeout(() => settle(whenBroken("it took too long"), true), timeoutMs);
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      worker.postMessage(task);
    });
  }

  #start(): Worker {
    return new Worker(this.#file, {
      env: {},
      // Nothing of the command line: flags of the parent (a debugger, a loader) are not for scripts.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128, stackSizeMb: 8 },
    });
  }
}

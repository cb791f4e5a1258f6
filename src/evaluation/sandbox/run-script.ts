import { Worker } from "node:worker_threads";
import pLimit from "p-limit";
import { SluiceError } from "../../domain/errors.ts";
import type { ScriptAnswer, ScriptTask } from "./script-protocol.ts";

/** Time that a script may take, in milliseconds. */
export const SCRIPT_TIMEOUT_MS = 1000;
/** Memory that a script may take, in bytes. */
export const SCRIPT_MEMORY_BYTES = 64 * 1024 * 1024;

/** Beyond the script's own time, before the thread is ended: what only the outside can stop. */
const GRACE_MS = 2000;

let thread: Worker | undefined;
// One thread, one script at a time: they take about a millisecond each, and a time-out is theirs alone.
const oneAtATime = pLimit(1);

/** Code in place (an expression, or a function's body), or that of a file which exports a function. */
export type Script = string | { readonly code: string; readonly exportName?: string | undefined };

/**
 * Runs a script on `output` and `context` in the sandbox and gives what it returned, as plain JSON data. An
 * `output` that is an object still is `text` where a script wants a text, as in `JSON.parse(output)`.
 * What the script does wrong (throws, loops, takes too much memory) is an `invalid_input` error.
 */
export async function runScript(
  script: Script,
  output: unknown,
  context: unknown,
  text?: string,
  inputName?: string,
): Promise<unknown> {
  const task: ScriptTask = {
    ...(typeof script === "string" ? { code: script, form: "inline" } : { ...script, form: "file" }),
    input: JSON.stringify({ output, context, text }),
    ...(inputName !== undefined && { inputName }),
    timeoutMs: SCRIPT_TIMEOUT_MS,
    memoryBytes: SCRIPT_MEMORY_BYTES,
  };
  const answer = await oneAtATime(() => ask(task));
  if (!answer.ok)
    throw new SluiceError("invalid_input", `the script failed: ${answer.problem}`, { kind: "script" });
  return answer.json === undefined ? undefined : (JSON.parse(answer.json) as unknown);
}

function ask(task: ScriptTask): Promise<ScriptAnswer> {
  const worker = (thread ??= startThread());
  worker.ref();
  return new Promise((resolve) => {
    const settle = (answer: ScriptAnswer, isBroken: boolean) => {
      clearTimeout(timer);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      if (isBroken) {
        thread = undefined;
        void worker.terminate();
      } else worker.unref();
      resolve(answer);
    };
    const onMessage = (answer: ScriptAnswer) => settle(answer, false);
    const onError = (error: Error) => settle({ ok: false, problem: error.message }, true);
    const onExit = () => settle({ ok: false, problem: "the sandbox ended" }, true);
    const timer = setTimeout(
      () => settle({ ok: false, problem: "it took too long" }, true),
      task.timeoutMs + GRACE_MS,
    );
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(task);
  });
}

function startThread(): Worker {
  // The same extension as this file: .ts in a checkout, .js in a release.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  return new Worker(new URL(`./sandbox-thread${extension}`, import.meta.url), {
    env: {},
    // Nothing of the command line: flags of the parent (a debugger, a loader) are not for scripts.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 128, stackSizeMb: 8 },
  });
}

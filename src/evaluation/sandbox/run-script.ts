import { SluiceError } from "../../domain/errors.ts";
import { BoundedThread } from "./bounded-thread.ts";
import type { ScriptAnswer, ScriptTask } from "./script-protocol.ts";

/** Time that a script may take, in milliseconds. */
export const SCRIPT_TIMEOUT_MS = 1000;
/** Memory that a script may take, in bytes. */
export const SCRIPT_MEMORY_BYTES = 64 * 1024 * 1024;

/** Beyond the script's own time, before the thread is ended: what only the outside can stop. */
const GRACE_MS = 2000;

const thread = new BoundedThread<ScriptTask, ScriptAnswer>("sandbox-thread");

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
  const task = scriptTask(script, { output, context, text }, inputName);
  const answer = await thread.ask(task, task.timeoutMs + GRACE_MS, (problem) => ({ ok: false, problem }));
  if (!answer.ok)
    throw new SluiceError("invalid_input", `the script failed: ${answer.problem}`, { kind: "script" });
  return answer.json === undefined ? undefined : (JSON.parse(answer.json) as unknown);
}

/** A script with what it is given, within the bounds that all scripts have. */
export function scriptTask(script: Script, input: object, inputName?: string): ScriptTask {
  return {
    ...(typeof script === "string" ? { code: script, form: "inline" } : { ...script, form: "file" }),
    input: JSON.stringify(input),
    ...(inputName !== undefined && { inputName }),
    timeoutMs: SCRIPT_TIMEOUT_MS,
    memoryBytes: SCRIPT_MEMORY_BYTES,
  };
}

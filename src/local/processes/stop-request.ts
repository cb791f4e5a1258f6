import type { Environment } from "../machine.ts";
import { npmGone } from "./npm-parent.ts";

/**
 * A signal that is also aborted when the terminal goes away (SIGHUP), which by itself would end this
 * process with its servers still running, and when the npm that has started it is killed, which would leave both
 * running. The handler stays until the process ends.
 */
export function orHangUp(signal: AbortSignal, environment: Environment): AbortSignal {
  const hangUp = new AbortController();
  process.on("SIGHUP", () => hangUp.abort("the terminal has gone away"));
  return AbortSignal.any([signal, hangUp.signal, npmGone(environment)]);
}

/** Settles when the signal is aborted. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // A signal alone does not keep the process up.
  const awake = setInterval(() => undefined, 60_000);
  await new Promise<void>((settle) => signal.addEventListener("abort", () => settle(), { once: true }));
  clearInterval(awake);
}

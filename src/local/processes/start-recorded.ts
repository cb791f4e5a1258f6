import { spawn } from "node:child_process";
import { chmodSync, closeSync, openSync } from "node:fs";
import { childExit } from "./child-exit.ts";
import type { FolderClaim } from "./folder-claim.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import type { StopStep } from "./stop-process.ts";

interface Recorded {
  readonly claim: FolderClaim;
  /** What its command line is known by, and how it is stopped, for whoever finds it without us. */
  readonly mark: string;
  readonly stop: readonly StopStep[];
  /** Of what it says; made anew. Only its owner may read it. */
  readonly logFile: string;
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Ends when it is ready, late, or not waited for any more. */
  readonly ready: (pid: number | undefined, signal: AbortSignal) => Promise<"ready" | "late" | "cancelled">;
  readonly signal?: AbortSignal | undefined;
}

/** Starts a server that outlives nobody: it is written down before anything else happens, and then waited for. */
export async function startRecorded(
  command: string,
  args: readonly string[],
  { claim, mark, stop, logFile, ready, signal, ...options }: Recorded,
): Promise<{ outcome: "ready" | "late" | "cancelled" | "exited"; identity: ProcessIdentity | undefined }> {
  const log = openSync(logFile, "w", 0o600);
  const child = spawn(command, args, {
    ...options,
    stdio: ["ignore", log, log],
    // A group of its own: Ctrl-C in the terminal must reach us, who stop things in order, and not it.
    detached: true,
  });
  closeSync(log);
  chmodSync(logFile, 0o600);
  const exit = childExit(child).catch(() => undefined);
  const identity = child.pid === undefined ? undefined : claim.recordChild(child.pid, mark, stop);
  child.unref();
  const done = new AbortController();
  const cancel = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
  const outcome = await Promise.race([exit.then(() => "exited" as const), ready(child.pid, cancel)]);
  done.abort();
  return { outcome, identity };
}

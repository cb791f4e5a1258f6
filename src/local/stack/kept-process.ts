import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unavailable, messageOf } from "../../domain/errors.ts";
import { type FolderClaim, claimFolder } from "../processes/folder-claim.ts";
import type { ProcessIdentity } from "../processes/process-identity.ts";
import { type StopStep, stopProcess } from "../processes/stop-process.ts";

export interface KeptProcessOptions {
  /** What it is, in messages: `worker`. Its log is named after it. */
  readonly name: string;
  /** A program of ours that says `ready` over its channel, and ends when the channel closes. */
  readonly program: string;
  readonly args: readonly string[];
  /** Holds the log. Created when it is missing. */
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface KeptProcess {
  /** Of the one that runs now: one that ends by itself is followed by another. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

const STOP: readonly StopStep[] = [
  { signal: "SIGTERM", waitMs: 8_000 },
  { signal: "SIGKILL", waitMs: 2_000 },
];
const READY_WITHIN_MS = 90_000;
const RESTART_AFTER_MS = 500;
const LONGEST_RESTART_MS = 10_000;

interface Running {
  readonly identity: ProcessIdentity;
  readonly ended: Promise<string>;
  /** Makes this process wait for the end of that one, which otherwise keeps nobody awake. */
  awaitEnd(): void;
}

/**
 * Starts a part as a process of its own and keeps one running until it is stopped. It ends with us
 * however we end: it holds a channel to this process, and that closes. Fails with `unavailable` when the
 * first one does not get ready.
 */
export async function keepProcess(options: KeptProcessOptions): Promise<KeptProcess> {
  const { name } = options;
  const claim = await claimFolder(options.dataDir, `The ${name}`);
  const logFile = join(options.dataDir, `${name}.log`);
  let current: Running;
  try {
    current = await startOne(options, claim, logFile, "w");
  } catch (error) {
    claim.release();
    throw error;
  }
  const stopped = new AbortController();
  let running: Running | undefined = current;
  const keeping = keepOne();

  async function keepOne(): Promise<void> {
    let pause = RESTART_AFTER_MS;
    while (!stopped.signal.aborted) {
      if (running) {
        const how = await running.ended;
        running = undefined;
        if (stopped.signal.aborted) return;
        options.onProgress?.(`the ${name} ended (${how}); starting another`);
      }
      await delay(pause, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      try {
        running = await startOne({ ...options, signal: stopped.signal }, claim, logFile, "a");
        options.onProgress?.(`a new ${name} is ready`);
        pause = RESTART_AFTER_MS;
      } catch (error) {
        if (stopped.signal.aborted) return;
        options.onProgress?.(messageOf(error));
        pause = Math.min(2 * pause, LONGEST_RESTART_MS);
      }
    }
  }

  let stopping: Promise<void> | undefined;
  return {
    pid: () => running?.identity.pid,
    stop() {
      stopping ??= (async () => {
        stopped.abort();
        // It may be gone before its end is reported, and then nothing else would keep us here.
        running?.awaitEnd();
        if (running) await stopProcess(running.identity, STOP);
        await keeping;
        claim.release();
      })();
      return stopping;
    },
  };
}

async function startOne(
  options: KeptProcessOptions,
  claim: FolderClaim,
  logFile: string,
  flags: "w" | "a",
): Promise<Running> {
  const log = openSync(logFile, flags, 0o600);
  const child = spawn(process.execPath, [options.program, ...options.args], {
    env: { ...options.environment },
    stdio: ["ignore", log, log, "ipc"],
    // A group of its own: Ctrl-C in the terminal must reach us, who stop things in order, and not it.
    detached: true,
  });
  closeSync(log);
  chmodSync(logFile, 0o600);
  const ended = end(child);
  const identity = child.pid === undefined ? undefined : claim.recordChild(child.pid, options.program, STOP);
  child.unref();
  const done = new AbortController();
  const cancel = options.signal ? AbortSignal.any([options.signal, done.signal]) : done.signal;
  const outcome = await Promise.race([ended, ready(child), late(cancel)]);
  done.abort();
  // The channel stays open, to tell the worker when we are gone, but keeps nobody awake.
  child.channel?.unref();
  if (outcome === "ready" && identity) return { identity, ended, awaitEnd: () => child.ref() };
  if (identity) await stopProcess(identity, STOP);
  options.signal?.throwIfAborted();
  const why =
    outcome === "late"
      ? `it was not ready within ${READY_WITHIN_MS / 1000} s`
      : lastLine(logFile, options.name);
  throw unavailable(`the ${options.name} did not start: ${why} (log: ${logFile})`, { logFile });
}

/** How it ended, in words. */
function end(child: ChildProcess): Promise<string> {
  return new Promise((settle) => {
    child.once("error", (error) => settle(error.message));
    child.once("exit", (code, signal) => settle(signal ?? `exit code ${code}`));
  });
}

function ready(child: ChildProcess): Promise<"ready"> {
  return new Promise((settle) => {
    child.on("message", (message) => {
      if (message === "ready") settle("ready");
    });
  });
}

async function late(signal: AbortSignal): Promise<"late" | "cancelled"> {
  return delay(READY_WITHIN_MS, "late" as const, { signal }).catch(() => "cancelled" as const);
}

function lastLine(file: string, name: string): string {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const telling = lines.findLast((line) => line.startsWith(`sluice ${name}: `));
  return (telling ?? lines.at(-1))?.replace(`sluice ${name}: `, "") || "it said nothing";
}

import { unavailable } from "../../domain/errors.ts";
import { type ProcessIdentity, identifyProcess, isRunning } from "../processes/process-identity.ts";
import { type Stack, type StartStackOptions, startStack } from "./stack.ts";

const LOOK_MS = 1_000;

/**
 * Runs with a stack and stops it after, whatever happens: an error that nobody caught, too, would otherwise
 * leave servers behind. Fails with `unavailable` when Postgres or Temporal ends by itself.
 */
export async function withStack<T>(
  options: StartStackOptions,
  work: (stack: Stack) => Promise<T>,
): Promise<T> {
  const crash = uncaught();
  let watch: { readonly lost: Promise<never>; end(): void } | undefined;
  try {
    const starting = startStack(options);
    const stack = await Promise.race([starting, crash.error]).catch(async (error: unknown) => {
      await starting.then((late) => late.stop()).catch(() => undefined);
      throw error;
    });
    watch = watchParts(stack);
    try {
      return await Promise.race([work(stack), crash.error, watch.lost]);
    } finally {
      watch.end();
      options.onProgress?.("stopping");
      await stack.stop();
    }
  } finally {
    crash.release();
  }
}

function uncaught(): { readonly error: Promise<never>; release(): void } {
  let fail: (error: unknown) => void = () => undefined;
  const error = new Promise<never>((_, reject) => (fail = reject));
  error.catch(() => undefined);
  const events = ["uncaughtException", "unhandledRejection"] as const;
  for (const event of events) process.on(event, fail);
  return {
    error,
    release() {
      for (const event of events) process.off(event, fail);
    },
  };
}

/** Worker and HTTP server are started again where they belong; Postgres or Temporal that is gone cannot be. */
function watchParts(stack: Stack): { readonly lost: Promise<never>; end(): void } {
  const servers = new Map<string, ProcessIdentity>();
  for (const [name, pid] of Object.entries(stack.pids())) {
    const identity = name === "worker" || name === "server" ? undefined : identifyProcess(pid);
    if (identity) servers.set(name, identity);
  }
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      for (const [name, identity] of servers)
        if (!isRunning(identity))
          reject(
            unavailable(
              `${name} (process ${identity.pid}) has ended by itself; its log is in .sluice, start again to go on`,
              { name, pid: identity.pid },
            ),
          );
    }, LOOK_MS);
    timer.unref();
  });
  lost.catch(() => undefined);
  return { lost, end: () => clearInterval(timer) };
}

import { commandLine, identifyProcess, isRunning, parentOf } from "./process-identity.ts";

/** Between two looks, in ms. */
const LOOK_MS = 500;
/** npm, the shell that it starts a script in, and one more. */
const GENERATIONS = 4;
const RUNNER = /(?:^|[\s/\\])(?:npm|npx|pnpm|yarn)(?:-cli)?(?:\.c?js)?(?:\s|$)/;

/**
 * Aborted when the npm (or the like) that has started this process is gone. It passes no signal on when it is
 * killed, and what it has started would go on for ever.
 *
 * @param environment this process's: npm says in it that it has started a script
 */
export function npmGone(environment: Readonly<Record<string, string | undefined>>): AbortSignal {
  const gone = new AbortController();
  if (environment["npm_lifecycle_event"] === undefined && environment["npm_execpath"] === undefined)
    return gone.signal;
  const npm = runnerAmongParents();
  if (!npm) return gone.signal;
  const look = setInterval(() => {
    if (isRunning(npm)) return;
    clearInterval(look);
    gone.abort("the npm that started it is gone");
  }, LOOK_MS);
  look.unref();
  return gone.signal;
}

/** The nearest parent that is one; a shell in which somebody has typed after npm had set its variables has none. */
function runnerAmongParents() {
  let pid: number | undefined = process.ppid;
  for (let at = 0; at < GENERATIONS && pid !== undefined && pid > 1; at++) {
    if (RUNNER.test(commandLine(pid) ?? "")) return identifyProcess(pid);
    pid = parentOf(pid);
  }
  return undefined;
}

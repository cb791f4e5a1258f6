import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { WORKER_FLAGS, WORKER_MAIN } from "../../../local/processes/worker-program.ts";

/** The worker is a process of its own kind: it is started, not imported. Signals and its exit code pass through. */
export async function run(context: CommandContext): Promise<number> {
  context.endsItself();
  // The channel is how it knows that this process was killed: a worker that nobody sees would go on deciding.
  const child = spawn(process.execPath, [...WORKER_FLAGS, WORKER_MAIN, "--end-with-parent"], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  context.signal.addEventListener("abort", () => {
    // From a terminal Ctrl-C has reached it already: a terminal signals the whole group.
    if (context.signal.reason !== "SIGINT" || !process.stdin.isTTY) child.kill("SIGTERM");
  });
  const ended = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (settle, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => settle({ code, signal }));
    },
  );
  if (ended.signal !== null) return 128 + (constants.signals[ended.signal] ?? 0);
  return ended.code ?? EXIT.bug;
}

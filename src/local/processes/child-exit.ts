import type { ChildProcess } from "node:child_process";

/**
 * How a child ended: its exit code, or null after a signal. Waits for the end also when the child was
 * aborted, which Node reports at once. Rejects only when the program could not be run at all.
 */
export function childExit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    // Not "exit": what it said, and the children of its own that say it too, must be through as well.
    child.once("close", resolve);
    child.on("error", (error) => {
      if (child.pid === undefined) reject(error);
    });
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const PROGRAM = new URL("./server-owner.ts", import.meta.url).pathname;

export interface OwnerProcess {
  /** What it printed when the server was ready. */
  readonly server: Promise<{ readonly pid: number; readonly url?: string; readonly address?: string }>;
  /** The first line of progress that matches. */
  progress(pattern: RegExp): Promise<string>;
  /** Sends a signal and gives how the process ended. */
  end(
    signal: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts a process that owns a local server in a folder. */
export function startOwner(
  what: "postgres" | "temporal",
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): OwnerProcess {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, what, folder], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((settle) =>
    child.once("close", (code, signal) => settle({ code, signal })),
  );
  const said: string[] = [];
  const listeners = new Set<(line: string) => void>();
  createInterface({ input: child.stderr! }).on("line", (line) => {
    said.push(line);
    for (const listener of listeners) listener(line);
  });
  const server = new Promise<{ pid: number }>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once("line", (line) =>
      resolve(JSON.parse(line) as { pid: number }),
    );
    void ended.then(() => reject(new Error(`the owner ended: ${said.join("\n")}`)));
  });
  server.catch(() => undefined);
  return {
    server,
    progress: (pattern) =>
      new Promise((resolve, reject) => {
        const listener = (line: string) => {
          if (pattern.test(line)) resolve(line);
        };
        listeners.add(listener);
        said.forEach(listener);
        void ended.then(() =>
          reject(new Error(`the owner ended without saying ${String(pattern)}: ${said.join("\n")}`)),
        );
      }),
    async end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

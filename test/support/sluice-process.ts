import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const PROGRAM = new URL("../../src/cli/main.ts", import.meta.url).pathname;

export interface SluiceProcess {
  readonly pid: number;
  /** How it ended; `stdout` is all it printed. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
  /** The first document on stdout, before the process has ended. */
  document(): Promise<Record<string, unknown>>;
  /** The first line of progress that matches. */
  progress(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs `sluice` from source in a directory, with nothing in its environment that names other parts. */
export function startSluice(args: readonly string[], cwd: string): SluiceProcess {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(DATABASE_URL|TEMPORAL_|OPENAI_|ANTHROPIC_|SLUICE_(?!CACHE_DIR))/.test(name),
    ),
  );
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  const said: string[] = [];
  const listeners = new Set<() => void>();
  const tell = () => listeners.forEach((listener) => listener());
  child.stdout!.on("data", (part) => {
    stdout += String(part);
    tell();
  });
  createInterface({ input: child.stderr! }).on("line", (line) => {
    said.push(line);
    tell();
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((settle) =>
    child.once("close", (code) => {
      settle({ code, stdout, stderr: said.join("\n") });
      tell();
    }),
  );
  let over = false;
  void ended.then(() => (over = true));

  /** What `look` finds, as soon as it finds something. */
  function seen<T>(look: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const listener = () => {
        const found = look();
        if (found === undefined && !over) return;
        listeners.delete(listener);
        if (found !== undefined) resolve(found);
        else reject(new Error(`sluice ${args.join(" ")} ended without ${what}: ${said.join("\n")}`));
      };
      listeners.add(listener);
      void ended.then(listener);
      listener();
    });
  }

  return {
    pid: child.pid!,
    ended,
    document: () => seen(() => parsed(stdout), "a document"),
    progress: (pattern) => seen(() => said.find((line) => pattern.test(line)), String(pattern)),
    kill: (signal) => void child.kill(signal),
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

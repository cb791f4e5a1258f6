import { execFileSync, spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { nodeSettings } from "./quick-node/node-settings.ts";

/** True where util-linux's `script` can make a terminal. */
export const HAS_TERMINALS = (() => {
  try {
    return execFileSync("script", ["--version"], { encoding: "utf8" }).includes("util-linux");
  } catch {
    return false;
  }
})();

export interface TerminalRun {
  readonly code: number | null;
  /** As it came, control sequences included. */
  readonly screen: string;
}

/** Runs a program on a terminal of its own. */
export function runOnTerminal(
  command: readonly string[],
  { cwd, env, columns }: { cwd: string; env: Readonly<Record<string, string>>; columns: number },
): Promise<TerminalRun> {
  const child = spawn("script", scriptArguments(command, columns), {
    cwd,
    env: environment(env),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let screen = "";
  child.stdout.on("data", (part) => (screen += String(part)));
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("close", (code) => settle({ code, screen: screen.replaceAll("\r\n", "\n") }));
  });
}

/** A program on a terminal that somebody types on. */
export interface Typing {
  /** As if typed; `\t` is Tab. */
  type(keys: string): void;
  /** Settles when this has appeared on the screen since the last time. */
  until(wanted: RegExp): Promise<string>;
  close(): Promise<void>;
}

export function openTerminal(
  command: readonly string[],
  { cwd, env, columns = 100 }: { cwd: string; env: Readonly<Record<string, string>>; columns?: number },
): Typing {
  const child = spawn("script", scriptArguments(command, columns), {
    cwd,
    env: environment(env),
    stdio: ["pipe", "pipe", "inherit"],
  });
  let screen = "";
  const waiting = new Set<() => void>();
  child.stdout.on("data", (part) => {
    screen += String(part);
    waiting.forEach((look) => look());
  });
  const closed = new Promise<void>((settle) => child.once("close", () => settle()));
  return {
    type: (keys) => void child.stdin.write(keys),
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`never ${String(wanted)}: ${screen}`)), 8_000);
        const look = () => {
          if (!wanted.test(stripVTControlCharacters(screen))) return;
          clearTimeout(late);
          waiting.delete(look);
          resolve(screen);
          screen = "";
        };
        waiting.add(look);
        look();
      }),
    async close() {
      // Its terminal goes away with it, and so the shell on that.
      child.kill("SIGKILL");
      await closed;
    },
  };
}

function scriptArguments(command: readonly string[], columns: number): string[] {
  const words = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ");
  return ["-qec", `stty cols ${columns} rows 50; exec ${words}`, "/dev/null"];
}

function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { ...nodeSettings(), PATH, HOME, TERM: "xterm", SHELL: "/bin/sh", ...env };
}

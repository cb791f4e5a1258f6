import { execFileSync, spawn } from "node:child_process";

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
  const words = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ");
  const child = spawn("script", ["-qec", `stty cols ${columns} rows 50; exec ${words}`, "/dev/null"], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TERM: "xterm", SHELL: "/bin/sh", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let screen = "";
  child.stdout.on("data", (part) => (screen += String(part)));
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("close", (code) => settle({ code, screen: screen.replaceAll("\r\n", "\n") }));
  });
}

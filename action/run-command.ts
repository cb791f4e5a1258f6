import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { withoutCommands } from "./workflow-commands.ts";

export interface CommandAnswer {
  readonly code: number;
  /** What it printed, where that is JSON. */
  readonly document: unknown;
}

/** The project's own Sluice, as `npx --no-install sluice` finds it: here or in a folder above. Undefined: there is none. */
export function findCommand(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, "node_modules", "sluice", "bin", "sluice.mjs");
    if (existsSync(path)) return path;
    if (dirname(at) === at) return undefined;
  }
}

/** Runs it with `--json`; its progress goes to the job's log. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<CommandAnswer> {
  return withoutCommands(
    () =>
      new Promise((settle, reject) => {
        const child = spawn(process.execPath, [command, ...args, "--json"], {
          ...options,
          stdio: ["ignore", "pipe", "inherit"],
        });
        const parts: Buffer[] = [];
        child.stdout.on("data", (part: Buffer) => parts.push(part));
        child.once("error", reject);
        child.once("close", (code) =>
          settle({ code: code ?? 1, document: parsed(Buffer.concat(parts).toString("utf8")) }),
        );
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
      }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

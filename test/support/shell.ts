import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a line printed, stdout and stderr as they came, and how it ended. */
export interface Typed {
  readonly code: number | null;
  readonly said: string;
}

/** A line that goes on running. */
export interface Background {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** Settles when it has printed this; fails when it ends before. */
  readonly until: (text: string) => Promise<string>;
}

/** A person's shell in a folder; what they leave running ends with it. */
export interface Shell {
  type(line: string): Promise<Typed>;
  start(line: string): Background;
  close(): Promise<void>;
}

/** Nothing of the machine's own parts may be used: a reader has none set. */
export function bareEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:DATABASE_|TEMPORAL_|OPENAI_|ANTHROPIC_|SLUICE_|VITEST|npm_|GITHUB_)/.test(name),
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), NO_COLOR: "1" };
}

/** `prelude` comes before each line, for example the function that an alias stands for. */
export function openShell(
  cwd: string,
  { env = {}, prelude = "" }: { env?: Readonly<Record<string, string>>; prelude?: string } = {},
): Shell {
  const running: Background[] = [];
  const typed: number[] = [];
  const run = (line: string): Background => {
    const child = spawn("bash", ["--norc", "-c", `exec 2>&1\n${prelude}\n${line}`], {
      cwd,
      env: { ...bareEnvironment(), ...env },
      stdio: ["ignore", "pipe", "ignore"],
      // A process group of its own, as a terminal gives it: Ctrl-C reaches all of it.
      detached: true,
    });
    let said = "";
    child.stdout.on("data", (part) => (said += String(part)));
    return {
      child,
      said: () => said,
      until: (text) =>
        new Promise((resolve, reject) => {
          const look = () => said.includes(text) && resolve(said);
          child.stdout.on("data", look);
          child.once("close", (code) => reject(new Error(`${line} ended (${code}):\n${said}`)));
          look();
        }),
    };
  };
  return {
    async type(line) {
      const { child, said } = run(line);
      typed.push(child.pid!);
      const [code] = (await once(child, "close")) as [number | null];
      return { code, said: said() };
    },
    start(line) {
      const background = run(line);
      running.push(background);
      return background;
    },
    async close() {
      for (const { child } of running.toReversed()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const closed = once(child, "close");
        process.kill(-child.pid!, "SIGINT");
        await closed;
      }
      // What a line put into the background has outlived it, in its group.
      for (const group of typed)
        try {
          process.kill(-group, "SIGTERM");
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        }
    },
  };
}

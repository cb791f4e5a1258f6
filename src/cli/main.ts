import { CommanderError } from "commander";
import { invalidInput } from "../domain/errors.ts";
import { COMMANDS } from "./command-list.ts";
import type { CommandContext } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { failureOf } from "./failure.ts";
import { Output } from "./output.ts";
import { createProgram, type Asked } from "./program.ts";

const DRAIN_MS = 2_000;

process.exitCode = await main(process.argv.slice(2));
// Whatever a library has left open does not keep a finished command from ending.
setTimeout(() => process.exit(), DRAIN_MS).unref();

async function main(argv: readonly string[]): Promise<number> {
  const dashes = argv.indexOf("--");
  const flags = new Set(dashes === -1 ? argv : argv.slice(0, dashes));
  let asked: Asked | undefined;
  let mistake: Error | undefined;
  if (argv[0] === "--version" || argv[0] === "-V") return printVersion();
  // A reader of the help may leave before its end.
  process.stdout.on("error", () => undefined);
  try {
    createProgram((command) => (asked = command)).parse(asParsed(argv), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.yes;
    mistake = error instanceof CommanderError ? usageMistake(error, argv) : (error as Error);
  }

  const interrupts = new AbortController();
  const configured = await configuration();
  const output = new Output({
    json: flags.has("--json"),
    quiet: flags.has("--quiet") || flags.has("-q"),
    color: configured.color,
    onReaderGone: () => interrupts.abort("the reader of stdout has gone away"),
  });
  const minding = onSignals(interrupts);
  try {
    if (mistake !== undefined) throw mistake;
    const { spec, given } = asked!;
    const { run } = await spec.load();
    const context: CommandContext = {
      output,
      cwd: process.cwd(),
      signal: interrupts.signal,
      minds: minding,
      get config() {
        return configured.config();
      },
    };
    return (await run(context, given)) ?? EXIT.yes;
  } catch (error) {
    const failure = failureOf(error);
    output.failure(failure);
    if (failure.code === "internal" && flags.has("--verbose") && error instanceof Error)
      process.stderr.write(`${error.stack}\n`);
    return failure.exitCode;
  }
}

/** `help X` is `X --help`, no arguments are `--help`, and a bare `--wait` means `--wait=promotion`. */
function asParsed(argv: readonly string[]): string[] {
  if (argv.length === 0) return ["--help"];
  if (argv[0] === "help") return [...argv.slice(1), "--help"];
  if (argv[0] !== "rollout" || argv[1] !== "start") return [...argv];
  return argv.flatMap((word, at) =>
    word !== "--wait"
      ? [word]
      : /^(gate|promotion|end)$/.test(argv[at + 1] ?? "")
        ? [word]
        : ["--wait=promotion"],
  );
}

/** What commander says, as one line with the way on. */
function usageMistake(error: CommanderError, argv: readonly string[]): Error {
  const words = argv.filter((word) => !word.startsWith("-"));
  const names = COMMANDS.map(({ name }) => name);
  const known = [words.slice(0, 2).join(" "), words[0] ?? ""].find(
    (name) => name !== "" && names.some((one) => one === name || one.startsWith(`${name} `)),
  );
  const help = `sluice ${known === undefined ? "" : `${known} `}--help`;
  if (error.code === "commander.help") {
    const below = names.filter((name) => known !== undefined && name.startsWith(`${known} `));
    const choice = below.map((name) => name.slice(known!.length + 1)).join(", ");
    return invalidInput(`name a command${choice ? ` of ${known}: ${choice}` : ""}; see: ${help}`);
  }
  const said = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .replace(/\s*\(Did you mean (one of )?(.*?)\?\)/s, (_, _many, what) => `; did you mean ${what}?`);
  return invalidInput(
    `${said.replaceAll(/\.?\s*\n\s*/g, " ")}${said.endsWith("?") ? "" : ";"} see: ${help}`,
    {
      usage: error.code.replace("commander.", ""),
    },
  );
}

/** The environment as far as it can be read: what is wrong with it is said when a command needs it. */
async function configuration() {
  const { readConfig } = await import("../config.ts");
  try {
    const config = readConfig();
    return { color: config.color, config: () => config };
  } catch (error) {
    return {
      color: undefined,
      config: (): never => {
        throw error;
      },
    };
  }
}

/** Ends a command at once, with the code that shells expect, unless the command minds. */
function onSignals(interrupts: AbortController): () => void {
  let minded = false;
  const listen = (signal: "SIGINT" | "SIGTERM", code: number) =>
    process.on(signal, () => {
      if (!minded || interrupts.signal.aborted) process.exit(code);
      interrupts.abort(signal);
    });
  listen("SIGINT", EXIT.interrupted);
  listen("SIGTERM", EXIT.terminated);
  return () => {
    minded = true;
  };
}

async function printVersion(): Promise<number> {
  const { sluiceVersion } = await import("./version.ts");
  process.stdout.write(`${sluiceVersion()}\n`);
  return EXIT.yes;
}

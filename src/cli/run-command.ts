import { visibleLines } from "../domain/text/visible.ts";
import { invalidInput } from "../domain/errors.ts";
import type { Config } from "../config.ts";
import { CommandArguments } from "./parsing/command-arguments.ts";
import type { CommandContext } from "./context.ts";
import { LOADERS } from "./loaders.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { failureOf } from "../terminal/failure.ts";
import { AT_ONCE, handleInterrupts, Interrupted, interruptExitCode } from "../terminal/interruption.ts";
import { Output } from "../terminal/output.ts";
import type { ParsedCommand } from "./parsing/parse-words.ts";

/** Says what is wrong with what was typed. */
export function refuse(
  message: string,
  details: Record<string, unknown>,
  argv: readonly string[],
): Promise<number> {
  return attempt(argv, "", () => Promise.reject(invalidInput(message, details)));
}

/** Runs a command; its exit code, whatever happens. */
export function runCommand(
  { spec, positional, options }: ParsedCommand,
  argv: readonly string[],
): Promise<number> {
  return attempt(argv, spec.name, async (context) => {
    const { run } = await LOADERS[spec.name]();
    return run(context, new CommandArguments<string, string, string>(positional, options));
  });
}

/** Where traces are made, each command is a span of whoever has started it; what runs on and on makes its own. */
async function traced<R>(
  { makesTraces, traceparent: parent }: Pick<Config, "makesTraces" | "traceparent">,
  name: string,
  run: () => Promise<R>,
): Promise<R> {
  if (!makesTraces) return run();
  const { inSpan, startTracing, stopTracing } = await import("../telemetry/spans.ts");
  await startTracing(makesTraces, name === "server" ? "sluice-server" : "sluice");
  try {
    return await (RUNS_ON.has(name) ? run() : inSpan({ name: `sluice ${name}`, parent }, run));
  } finally {
    await stopTracing();
  }
}

const RUNS_ON: ReadonlySet<string> = new Set(["server", "worker", "dev", "demo", "model-server"]);

async function attempt(
  argv: readonly string[],
  command: string,
  work: (context: CommandContext) => Promise<number | void>,
): Promise<number> {
  const dashes = argv.indexOf("--");
  const flags = new Set(dashes === -1 ? argv : argv.slice(0, dashes));
  const interrupts = new AbortController();
  const configured = await configuration();
  const output = new Output({
    json: flags.has("--json"),
    quiet: flags.has("--quiet") || flags.has("-q"),
    color: configured.color,
    onReaderGone: () => interrupts.abort("the reader of stdout has gone away"),
  });
  const context: CommandContext = {
    command,
    output,
    cwd: process.cwd(),
    signal: interrupts.signal,
    endsItself: onInterrupts(interrupts, output),
    get config() {
      return configured.config();
    },
  };
  try {
    return (await traced(configured.traces, command, () => work(context))) ?? EXIT.yes;
  } catch (error) {
    if (error instanceof Interrupted) {
      output.interruption(error.message, error.signal);
      return interruptExitCode(error.signal);
    }
    const failure = failureOf(error);
    output.failure(failure);
    if (failure.code === "internal" && flags.has("--verbose") && error instanceof Error)
      process.stderr.write(`${visibleLines(error.stack ?? error.message)}\n`);
    return failure.exitCode;
  }
}

/** The environment as far as it can be read: what is wrong with it is said when a command needs it. */
async function configuration() {
  const { loadConfig } = await import("../config.ts");
  try {
    const config = await loadConfig();
    return { color: config.color, traces: config, config: () => config };
  } catch (error) {
    return {
      color: undefined,
      traces: { makesTraces: false, traceparent: undefined },
      config: (): never => {
        throw error;
      },
    };
  }
}

/** Ends a command at once, with the code that shells expect, unless the command has said that it ends by itself. */
function onInterrupts(interrupts: AbortController, output: Output): () => void {
  let endsItself = false;
  handleInterrupts((signal) => {
    if (endsItself && !interrupts.signal.aborted) return interrupts.abort(signal);
    output.interruption(AT_ONCE, signal);
    process.exit(interruptExitCode(signal));
  });
  return () => {
    endsItself = true;
  };
}

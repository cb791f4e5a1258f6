import { CommanderError } from "commander";
import { COMMANDS } from "./command-list.ts";
import { createProgram, type Asked } from "./program.ts";

const DRAIN_MS = 2_000;

process.exitCode = await main(process.argv.slice(2));
// Whatever a library has left open does not keep a finished command from ending.
setTimeout(() => process.exit(), DRAIN_MS).unref();

/** Only what `--help` needs is loaded before it is known that more is wanted. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === "--version" || argv[0] === "-V") return printVersion();
  // A reader of the help may leave before its end.
  process.stdout.on("error", () => undefined);
  let asked: Asked | undefined;
  let mistake: string | undefined;
  let usage: string | undefined;
  try {
    const words = asParsed(argv);
    const first = words.find((word) => !word.startsWith("-")) ?? "";
    createProgram((command) => (asked = command), first).parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    usage = error.code.replace("commander.", "");
    mistake = usageMistake(error, argv);
  }
  const { refuse, runAsked } = await import("./run-asked.ts");
  return mistake === undefined ? runAsked(asked!, argv) : refuse(mistake, { usage }, argv);
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
function usageMistake(error: CommanderError, argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith("-"));
  const names = COMMANDS.map(({ name }) => name);
  const known = [words.slice(0, 2).join(" "), words[0] ?? ""].find(
    (name) => name !== "" && names.some((one) => one === name || one.startsWith(`${name} `)),
  );
  const help = `sluice ${known === undefined ? "" : `${known} `}--help`;
  if (error.code === "commander.help") {
    const below = names.filter((name) => known !== undefined && name.startsWith(`${known} `));
    const choice = below.map((name) => name.slice(known!.length + 1)).join(", ");
    return `name a command${choice ? ` of ${known}: ${choice}` : ""}; see: ${help}`;
  }
  const said = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .replace(/\s*\(Did you mean (one of )?(.*?)\?\)/s, (_, _many, what) => `; did you mean ${what}?`);
  return `${said.replaceAll(/\.?\s*\n\s*/g, " ")}${said.endsWith("?") ? "" : ";"} see: ${help}`;
}

async function printVersion(): Promise<number> {
  const { sluiceVersion } = await import("./version.ts");
  process.stdout.write(`${sluiceVersion()}\n`);
  return 0;
}

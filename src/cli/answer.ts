import { helpOn } from "./parsing/help.ts";

/**
 * Does what a command line says, and gives its exit code. Each step loads what it needs and no more: help no
 * parser, a mistake no command.
 */
export async function answer(argv: readonly string[]): Promise<number> {
  if (argv[0] === "--version" || argv[0] === "-V") return printVersion();
  const words = asParsed(argv);
  const help = helpOn(words, process.stdout.isTTY ? process.stdout.columns || 80 : 80);
  if (help) {
    // A reader of the help may leave before its end.
    process.stdout.on("error", () => undefined);
    process.stdout.write(`${help.join("\n")}\n`);
    return 0;
  }
  const { parseWords } = await import("./parsing/parse-words.ts");
  const parsed = parseWords(words);
  const { refuse, runCommand } = await import("./run-command.ts");
  return "mistake" in parsed
    ? refuse(parsed.mistake, { usage: parsed.usage }, argv)
    : runCommand(parsed, argv);
}

/** Commands that follow what they have started. */
const WAITING = [["rollout", "start"], ["sync", "apply"], ["promote"]] as const;

/** `help X` is `X --help`, no arguments are `--help`, and a bare `--wait` means `--wait=promotion`. */
function asParsed(argv: readonly string[]): string[] {
  if (argv.length === 0) return ["--help"];
  if (argv[0] === "help") return [...argv.slice(1), "--help"];
  if (!WAITING.some((command) => command.every((word, at) => argv[at] === word))) return [...argv];
  return argv.flatMap((word, at) =>
    word !== "--wait"
      ? [word]
      : /^(gate|promotion|end)$/.test(argv[at + 1] ?? "")
        ? [word]
        : ["--wait=promotion"],
  );
}

async function printVersion(): Promise<number> {
  const { sluiceVersion } = await import("./version.ts");
  process.stdout.write(`${sluiceVersion()}\n`);
  return 0;
}

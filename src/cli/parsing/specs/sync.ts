import type { CommandSpec, OptionSpec } from "../command.ts";

const FILE_OPTION = {
  flags: "-f, --file <file>",
  help: "the repository's sluice.yaml; the nearest one here or above when absent",
} as const satisfies OptionSpec;

export const SYNC_COMMANDS = [
  {
    name: "sync plan",
    summary: "what the prompts in Git would change in the store and for users; touches nothing",
    about:
      "Reads sluice.yaml and the prompt files that it names, as they are in the folder, and asks the store: which versions would be made, what differs from what users get now, what the built-in checks find, and in which environment a rollout would start, waits, or is not started because this content was tried there and refused. Exits 0 where there is nothing to do, 10 where there is, and 2 where a file cannot be taken.",
    options: [
      FILE_OPTION,
      { flags: "--markdown", help: "as Markdown, for a comment on a pull request" },
      { flags: "--all", help: "show the prompts that do not change, too" },
    ],
    examples: ["sluice sync plan", "sluice sync plan --markdown > plan.md", "sluice sync plan --json"],
  },
  {
    name: "sync drift",
    summary: "where what is served is not what the prompts in Git say",
    about:
      "Compares what each environment serves with the prompt files, by their content. Git ahead: what the file says is served nowhere yet. Refused: it was tried, and taken back. Store ahead: somebody has made or moved a version that no file has. Unknown: a label of the environments serves a prompt that has no file. An environment that comes after another is not behind while the version is not live in that one long enough. Exits 0 where there is none, 1 where there is, and 2 where a file cannot be taken.",
    options: [FILE_OPTION],
    examples: ["sluice sync drift", "sluice sync drift --json"],
  },
] as const satisfies readonly CommandSpec[];

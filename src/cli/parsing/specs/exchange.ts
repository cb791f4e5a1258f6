import type { CommandSpec, OptionSpec } from "../command.ts";
import { SECRET_OPTIONS } from "../option-sets.ts";

/** What an import takes, wherever it is from. */
const IMPORT_OPTIONS = [
  { flags: "--prompt <name>", help: "only this prompt, by its name there", repeatable: true },
  { flags: "--skip <name>", help: "not this prompt, or not this version of it (NAME@3)", repeatable: true },
  { flags: "--rename <old=new>", help: "what a prompt is called here", repeatable: true },
  {
    flags: "--take-proposed-names",
    help: "take the name that is proposed, where a prompt's own cannot be one here",
  },
  { flags: "--model <model>", help: "the model of versions that name none, as in openai/gpt-5.4-mini" },
  {
    flags: "--move-label <label>",
    help: "make this label serve what it serves there; a protected one by its rules",
    repeatable: true,
  },
  ...SECRET_OPTIONS,
  { flags: "--dry-run", help: "only say what would come, and what stands in its way" },
] as const satisfies readonly OptionSpec[];

export const EXCHANGE_COMMANDS = [
  {
    name: "import langfuse",
    summary: "bring prompts over from Langfuse, with all their versions",
    about:
      "From the project that LANGFUSE_BASE_URL, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY name, or from a file of what its API answers (a version a line, or a list). Texts, config, tags and commit messages come as they are, each prompt's versions from the oldest on. Nothing goes live: a label is moved where --move-label names it. What is here already stays as it is, so an import can be repeated, and one that was cut off goes on. Where something cannot be taken nothing is, and it is said with what to do. Exits 1 where a dry run finds such a thing, and where a label was not moved.",
    arguments: [{ syntax: "[file]", help: "versions as Langfuse's API gives them", completes: "file" }],
    options: IMPORT_OPTIONS,
    examples: [
      "sluice import langfuse --dry-run",
      'sluice import langfuse --rename "Refund Help=refund-help" --move-label production',
      "sluice import langfuse langfuse.jsonl --model openai/gpt-5.4-mini",
    ],
  },
  {
    name: "import file",
    summary: "bring prompts over from another Sluice, as sluice export wrote them",
    about:
      "As sluice import langfuse does, with a file of versions. An include is one of the version that was brought over with it, whatever its number is here.",
    arguments: [{ syntax: "<file>", help: "of sluice export", completes: "file" }],
    options: IMPORT_OPTIONS,
    examples: ["sluice import file prompts.jsonl --dry-run", "sluice import file prompts.jsonl"],
  },
  {
    name: "export",
    summary: "all versions of all prompts as JSON lines, or prompt files in a folder",
    about:
      "A version a line, in the order in which they were made, for sluice import file. With --to, a prompt file for the newest version of each prompt, or for what --live serves, and sluice.lock, which says where they come from: sluice push takes the folder. Archived prompts are left out unless they are named. Policies and test cases stay where their files are.",
    arguments: [{ syntax: "[name...]", help: "only these prompts", completes: "prompt" }],
    options: [
      { flags: "--to <folder>", help: "write prompt files there" },
      { flags: "--newest", help: "only the newest version of each" },
      { flags: "--live <label>", help: "only what this label serves" },
      { flags: "--overwrite", help: "also over files that say something else" },
    ],
    examples: [
      "sluice export > prompts.jsonl",
      "sluice export --to prompts",
      "sluice export support-reply --live production --to live",
    ],
  },
] as const satisfies readonly CommandSpec[];

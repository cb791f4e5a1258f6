import type { CommandSpec } from "../command.ts";

export const PROMPT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "push",
    summary: "make a version of each changed prompt file",
    about:
      "Identical content gives the version it has. Everything is checked before anything is written, and all files are written together or none. A folder means the .yaml files in it and below, without policies (*.rollout.yaml) and datasets (*.golden.yaml, golden/).",
    arguments: [
      { syntax: "[path...]", help: "prompt files or folders; prompts/ by default", completes: "file" },
    ],
    options: [{ flags: "-m, --message <text>", help: "what changed and why", default: "" }],
    examples: [
      'sluice push -m "first version" prompts/support-reply.yaml',
      'sluice push -m "shorter answers"',
    ],
    load: () => import("../commands/push.ts"),
  },
  {
    name: "resolve",
    summary: "what a service would get, and why",
    arguments: [{ syntax: "<name>", help: "the prompt", completes: "prompt" }],
    options: [{ flags: "--unit <unit>", help: "a user or conversation id; without one nobody is enrolled" }],
    scoped: true,
    examples: ["sluice resolve support-reply", "sluice resolve support-reply --unit user-1 --json"],
    load: () => import("../commands/resolve.ts"),
  },
  {
    name: "record",
    summary: "record an outcome by hand",
    about:
      "Says that the unit was served this version, and what came of it. Where the unit is in an arm of a running rollout that serves this version, the rollout counts it.",
    arguments: [{ syntax: "<version>", help: "NAME@N", completes: "prompt" }],
    options: [
      { flags: "--unit <unit>", help: "the user or conversation id", required: true },
      { flags: "--metric <k=v...>", help: "metrics, such as rating=5 latency_ms=830" },
      { flags: "--feedback <text>", help: "what the user said" },
    ],
    scoped: true,
    examples: ["sluice record support-reply@1 --unit user-1 --metric rating=5 latency_ms=830"],
    load: () => import("../commands/record.ts"),
  },
];

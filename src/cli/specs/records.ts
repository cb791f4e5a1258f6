import type { CommandSpec } from "../command.ts";

export const RECORD_COMMANDS: readonly CommandSpec[] = [
  {
    name: "pointers",
    summary: "what each scope serves",
    arguments: [{ syntax: "[name]", help: "of this prompt only", completes: "prompt" }],
    examples: ["sluice pointers", "sluice pointers support-reply --json"],
    load: () => import("../commands/pointers.ts"),
  },
  {
    name: "pointers set",
    summary: "move a pointer by hand",
    about:
      "Only when it is still at the revision you have seen (sluice pointers shows it; 0 when there is none yet), and only to a version whose gate has passed against what is served, unless forced. Ends a rollout that runs there.",
    arguments: [{ syntax: "<version>", help: "NAME@N", completes: "prompt" }],
    options: [
      { flags: "--expected-revision <number>", help: "the revision you have seen", required: true },
      { flags: "--reason <text>", help: "why; it is kept", required: true },
      { flags: "--force", help: "without evidence" },
      { flags: "--any-prompt", help: "a default for every prompt of the model (needs --model)" },
    ],
    scoped: true,
    examples: [
      'sluice pointers set support-reply@1 --expected-revision 0 --reason "first version" --force --label staging',
    ],
    load: () => import("../commands/pointers-set.ts"),
  },
  {
    name: "audit",
    summary: "who changed what, when and why",
    arguments: [{ syntax: "[name]", help: "of this prompt only", completes: "prompt" }],
    options: [
      { flags: "--verify", help: "compute the chains of hashes again: has anything been altered?" },
      { flags: "--limit <count>", help: "the newest so many", default: "50" },
    ],
    examples: ["sluice audit support-reply", "sluice audit --verify"],
    load: () => import("../commands/audit.ts"),
  },
  {
    name: "dead-letters list",
    summary: "what could not be carried out",
    options: [{ flags: "--all", help: "also those that were dealt with" }],
    examples: ["sluice dead-letters list"],
    load: () => import("../commands/dead-letters-list.ts"),
  },
];

import type { CommandSpec } from "../command.ts";
import { CALLER_OPTIONS } from "../option-sets.ts";

export const RECORD_COMMANDS = [
  {
    name: "pointers",
    summary: "what each scope serves",
    arguments: [{ syntax: "[name]", help: "of this prompt only", completes: "prompt" }],
    options: [{ flags: "--at <time>", help: "what each scope served then: 3d (ago), or 2026-01-31T18:00" }],
    examples: ["sluice pointers", "sluice pointers support-reply --at 3d", "sluice pointers --json"],
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
      { flags: "--emergency", help: "also where an environment or Git (owner: git) stands in the way" },
      { flags: "--any-prompt", help: "a default for every prompt of the model (needs --model)" },
    ],
    scoped: true,
    examples: [
      'sluice pointers set support-reply@1 --expected-revision 0 --reason "first version" --force --label staging',
    ],
  },
  {
    name: "fleet",
    summary: "who serves what: the services that have a prompt in memory, and which are behind",
    about:
      "Each service's resolver says every few seconds, and at once after a move, which pointers it has in memory and at which revision. One that has not been heard of for 30 s is not listed. Exits 1 when a service is behind for more than 5 s.",
    arguments: [{ syntax: "<name>", help: "the prompt", completes: "prompt" }],
    scoped: true,
    examples: ["sluice fleet support-reply", "sluice fleet support-reply --json"],
  },
  {
    name: "callers",
    summary: "which services render a prompt, and what they send: names, types and lengths, never a value",
    about:
      "As resolvers and a server have noted it: at once where something is new, else every ten minutes. A value that is not always sent is marked. A service that has not called within the days is not known, which is not the same as that there is none.",
    arguments: [{ syntax: "<name>", help: "the prompt", completes: "prompt" }],
    options: CALLER_OPTIONS,
    examples: ["sluice callers support-reply", "sluice callers support-reply --label staging --json"],
  },
  {
    name: "impact",
    summary: "who would notice a version, or a prompt file: callers that would fail, and what includes it",
    about:
      "Each caller is held against what its label serves now: what is told is new. Versions of other prompts that include this one are made anew in memory, and their callers asked after. Exits 1 when calls would fail, or when a version that includes it could not be made.",
    arguments: [
      { syntax: "<version>", help: "NAME@N, NAME for the newest, or a prompt file", completes: "file" },
    ],
    options: CALLER_OPTIONS,
    examples: ["sluice impact support-reply@4", "sluice impact prompts/house-style.yaml"],
  },
  {
    name: "propagate",
    summary:
      "take a version to the prompts that include its prompt: make them anew, test them, roll them out",
    about:
      "Workers do it, each dependant after those that it includes itself: its new version is put to the gate that was pushed with it, or with --rollout rolled out, three at once, and all are stopped once one was taken back. Without --label its newest version is made anew; with it what the label serves. A prompt whose file a repository publishes is left alone: what the file has to say is printed. Asked for again, what there is is not made again. Needs Temporal.",
    arguments: [{ syntax: "<version>", help: "NAME@N, or NAME for the newest", completes: "prompt" }],
    options: [
      { flags: "--to <name>", help: "only this prompt, with what it includes it by", repeatable: true },
      { flags: "--label <label>", help: "only what this label serves (with --rollout: production)" },
      { flags: "--rollout", help: "roll each one out under the label" },
      { flags: "--max-cost <usd>", help: "what all gates may spend together, in US dollars" },
      { flags: "--wait", help: "follow it to its end; the exit code says how it went" },
    ],
    examples: [
      "sluice propagate house-style@4 --max-cost 5 --wait",
      "sluice propagate house-style@4 --to support-reply --rollout --label staging",
    ],
  },
  {
    name: "propagate status",
    summary: "what has become of the prompts that a version is taken to",
    about: "Exits 0 while it goes on; then 1 where something has not gone well, 3 where evidence is missing.",
    arguments: [{ syntax: "<id>", help: "the propagation's, as propagate says it" }],
    examples: ["sluice propagate status 0199f2a4-6c1e-7b7a-9f5e-2d3c4b5a6978"],
  },
  {
    name: "breakers list",
    summary: "endpoints and models from which calls are held back, since they have failed too often",
    about:
      "As services, workers of a service and servers have told each other. Exits 1 when there is something.",
    examples: ["sluice breakers list", "sluice breakers list --json"],
  },
  {
    name: "breakers reset",
    summary: "have all processes call again what was held back",
    about: "Within seconds; what still fails is held back again.",
    arguments: [{ syntax: "[endpoint]", help: "of this endpoint alone, as breakers list names it" }],
    examples: ["sluice breakers reset", "sluice breakers reset https://api.openai.com/v1"],
  },
  {
    name: "audit",
    summary: "who changed what, when and why",
    arguments: [{ syntax: "[name]", help: "of this prompt only", completes: "prompt" }],
    options: [
      { flags: "--verify", help: "compute the chains of hashes again: has anything been altered?" },
      { flags: "--checkpoint <file>", help: "with --verify: does it still go through this checkpoint?" },
      { flags: "--limit <count>", help: "the newest so many", default: "50" },
    ],
    examples: ["sluice audit support-reply", "sluice audit --verify"],
  },
  {
    name: "audit export",
    summary: "the audit log as JSON lines, which can be checked without Sluice",
    about:
      "Chain by chain from the first entry on. The SHA-256 of each line's `content` is its `hash`, and its `previousHash` is the hash of the line before it.",
    arguments: [{ syntax: "[name]", help: "of this prompt only", completes: "prompt" }],
    examples: ["sluice audit export", "sluice audit export support-reply"],
  },
  {
    name: "audit checkpoint",
    summary: "how far the audit log has come, to be kept elsewhere",
    about:
      "Keep what it prints where whoever can change the database cannot. `sluice audit --verify --checkpoint FILE` then finds newest entries that were cut off, and a chain that was written anew. Workers keep one each hour where SLUICE_AUDIT_CHECKPOINTS says.",
    examples: ["sluice audit checkpoint"],
  },
  {
    name: "audit show",
    summary: "everything that is kept of one rollout",
    about: "Its gate, approvals, verdicts and moves.",
    arguments: [
      {
        syntax: "<rollout>",
        help: "a rollout's id, or a prompt's name for its last one, or NAME@N for that version's",
        completes: "prompt",
      },
    ],
    scoped: true,
    examples: ["sluice audit show support-reply"],
  },
  {
    name: "audit recompute",
    summary: "decide a rollout again from what was stored: is it identical?",
    about:
      "Every stored look is computed again from its own inputs by the version of the decision rules that decided it. Exit code 1 when one differs (the first is named, with what differs), or when this Sluice does not have the version that decided one.",
    arguments: [
      {
        syntax: "<rollout>",
        help: "a rollout's id, or a prompt's name for its last one, or NAME@N for that version's",
        completes: "prompt",
      },
    ],
    scoped: true,
    examples: ["sluice audit recompute support-reply"],
  },
  {
    name: "retention",
    summary: "what is kept for how long, what it takes, and what was removed",
    about:
      "Once a day Temporal has a worker remove what has had its time, by the periods of SLUICE_RETENTION. Nothing goes that a pointer, a running rollout or a decision needs. With --dry-run the rows that would go now are counted, which reads each table to its end. Exits 1 when the last run has left something undone.",
    options: [{ flags: "--dry-run", help: "count what would be removed now; removes nothing" }],
    examples: ["sluice retention", "sluice retention --dry-run --json"],
  },
  {
    name: "dead-letters list",
    summary: "what could not be carried out",
    options: [{ flags: "--all", help: "also those that were dealt with" }],
    examples: ["sluice dead-letters list"],
  },
  {
    name: "dead-letters show",
    summary: "one of them, with all that it takes to do it again",
    arguments: [{ syntax: "<id>", help: "its id, or the beginning of it" }],
    examples: ["sluice dead-letters show 3f2a91c0"],
  },
  {
    name: "dead-letters redrive",
    summary: "do it again; safe to repeat",
    arguments: [{ syntax: "<id>", help: "its id, or the beginning of it" }],
    examples: ["sluice dead-letters redrive 3f2a91c0"],
  },
  {
    name: "dead-letters discard",
    summary: "close it without doing it",
    arguments: [{ syntax: "<id>", help: "its id, or the beginning of it" }],
    options: [{ flags: "--reason <text>", help: "why; it is kept", required: true }],
    examples: ['sluice dead-letters discard 3f2a91c0 --reason "done by hand"'],
  },
] as const satisfies readonly CommandSpec[];

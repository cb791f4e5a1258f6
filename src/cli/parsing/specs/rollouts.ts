import type { ArgumentSpec, CommandSpec, OptionSpec } from "../command.ts";

const PROMPT = { syntax: "<name>", help: "the prompt", completes: "prompt" } as const satisfies ArgumentSpec;
const VERSION = { syntax: "<version>", help: "NAME@N", completes: "prompt" } as const satisfies ArgumentSpec;
const COMMENT = { flags: "--comment <text>", help: "why; it is kept" } as const satisfies OptionSpec;
const WHY = { flags: "--reason <text>", help: "why; it is kept" } as const satisfies OptionSpec;

export const ROLLOUT_COMMANDS = [
  {
    name: "rollout start",
    summary: "start a rollout: gate, canary, verdict, promotion or the way back",
    about:
      "The same start again joins the rollout that runs. --wait follows it, to the gate's verdict, to the promotion (the default) or to the very end, and the exit code says how it went: 0 promoted, 1 no, 3 not enough evidence, 4 superseded, 5 failed. Ctrl-C stops following (130), not the rollout.",
    arguments: [VERSION],
    options: [
      { flags: "--policy <file>", help: "the rollout policy; by default the one pushed with the prompt" },
      { flags: "--again", help: "a version that has failed here unchanged; decided more strictly" },
      { flags: "--force", help: "also where live callers would fail (sluice impact); it is kept" },
      { flags: "--replace", help: "end the rollout of another version that runs there, then start" },
      {
        flags: "--wait [until]",
        help: "follow it; promotion by default",
        choices: ["gate", "promotion", "end"],
      },
    ],
    scoped: true,
    examples: [
      "sluice rollout start support-reply@1 --wait",
      "sluice rollout start support-reply@2 --policy prompts/support-reply.rollout.yaml --wait=gate",
    ],
  },
  {
    name: "rollout status",
    summary: "where a rollout stands, with its evidence",
    about: "The one that runs, else the last one. Reads Postgres alone.",
    arguments: [PROMPT],
    scoped: true,
    examples: ["sluice rollout status support-reply", "sluice rollout status support-reply --json"],
  },
  {
    name: "rollout watch",
    summary: "follow a rollout until it ends",
    about:
      "Redrawn in place on a terminal, lines when piped, JSON lines with --json. Reads Postgres alone. Exits as the rollout ends: 0 promoted, 1 no, 3 not enough evidence, 4 superseded, 5 failed.",
    arguments: [PROMPT],
    scoped: true,
    examples: ["sluice rollout watch support-reply"],
  },
  {
    name: "rollout pause",
    summary: "neither advance nor promote for now",
    about: "Share, lease and harm checks go on. Traffic comes off by abort or rollback.",
    arguments: [PROMPT],
    options: [WHY],
    scoped: true,
    examples: ["sluice rollout pause support-reply"],
  },
  {
    name: "rollout resume",
    summary: "go on after a pause",
    arguments: [PROMPT],
    options: [WHY],
    scoped: true,
    examples: ["sluice rollout resume support-reply"],
  },
  {
    name: "rollout approve",
    summary: "say yes to a rollout that waits for approval",
    about:
      "Kept with your login, the database's time, and who you say you are (SLUICE_ACTOR, else the CI's or the machine's user). A policy with distinct_author wants somebody else than the version's author.",
    arguments: [VERSION],
    options: [COMMENT],
    scoped: true,
    examples: ["sluice rollout approve support-reply@2"],
  },
  {
    name: "rollout reject",
    summary: "say no to a rollout that waits for approval; it ends",
    arguments: [VERSION],
    options: [COMMENT],
    scoped: true,
    examples: ['sluice rollout reject support-reply@2 --comment "the tone is wrong"'],
  },
  {
    name: "rollout promote",
    summary: "promote now: skips stages and waiting, never harm, the gate or an approval",
    arguments: [PROMPT],
    options: [WHY],
    scoped: true,
    examples: ["sluice rollout promote support-reply"],
  },
  {
    name: "rollout abort",
    summary: "end a rollout; the candidate gets no more traffic",
    arguments: [PROMPT],
    options: [WHY],
    scoped: true,
    examples: ['sluice rollout abort support-reply --reason "wrong file"'],
  },
  {
    name: "rollout anchor",
    summary: "count small losses anew from the version that is served",
    about:
      "Each promotion may lose up to its margin, so the losses since the anchor count together against canary.total_margin: since the last version that was proven superior, or set by hand. When they have used it up, only a better version is promoted. Naming the served version as anchor accepts what was lost so far; it is in the audit log.",
    arguments: [VERSION],
    options: [{ flags: "--reason <text>", help: "why; it is kept", required: true }],
    scoped: true,
    examples: ['sluice rollout anchor support-reply@2 --reason "compared with @1 by hand: as good"'],
  },
  {
    name: "rollout rules",
    summary: "decide running rollouts by another version of the rules",
    about:
      "A rollout keeps the version of the decision rules that it began under. This is for a version with a known fault: one rollout, or with --from every running one of that version, goes on under another from its next look on. Each move is in the audit log; looks that were made stay as they are.",
    arguments: [
      { syntax: "[name]", help: "the prompt whose rollout it is, or the rollout's id", completes: "prompt" },
    ],
    options: [
      { flags: "--to <version>", help: "the version of the rules to go on under", required: true },
      { flags: "--from <version>", help: "without a name: every running rollout of this version" },
      { flags: "--reason <text>", help: "why; it is kept", required: true },
    ],
    scoped: true,
    examples: ['sluice rollout rules --from 2 --to 3 --reason "version 2 takes late values for none"'],
  },
  {
    name: "rollout list",
    summary: "the rollouts there are and have been, newest first",
    arguments: [{ syntax: "[name]", help: "of this prompt only", completes: "prompt" }],
    options: [
      { flags: "--running", help: "only those that run" },
      { flags: "--limit <count>", help: "how many", default: "20" },
    ],
    examples: ["sluice rollout list", "sluice rollout list support-reply --running"],
  },
  {
    name: "plan",
    summary: "before a rollout: how many users it needs, how long it takes, what it can find",
    about:
      "From what the version that is served now has done in the last 7 days. Each recorded outcome is taken for one unit: where users come back it takes longer, which --traffic can say. Changes nothing.",
    arguments: [VERSION],
    options: [
      { flags: "--policy <file>", help: "the rollout policy; by default the one pushed with the prompt" },
      { flags: "--traffic <units>", help: "new units to expect, as 5000/day or 200/h" },
    ],
    scoped: true,
    examples: [
      "sluice plan support-reply@1 --label staging",
      "sluice plan support-reply@1 --label staging --traffic 5000/day",
    ],
  },
  {
    name: "simulate",
    summary: "run a policy against an imagined scenario: how often it would promote or roll back",
    about:
      "Decided tick by tick by the code that decides real rollouts. What the candidate changes is said by --effect; what the baseline is like by --baseline, else by the usage record of the prompt that is named, else it is assumed, and shown. Needs no server unless a prompt is named.",
    arguments: [
      { syntax: "[name]", help: "take policy, baseline and traffic from this prompt", completes: "prompt" },
    ],
    options: [
      { flags: "--policy <file>", help: "the rollout policy; by default the one pushed with the prompt" },
      {
        flags: "--effect <changes...>",
        help: "what the candidate changes: rating=-0.2,latency_ms=+10%",
      },
      { flags: "--truth <changes...>", help: "what --effect was called before", hidden: true },
      {
        flags: "--baseline <levels...>",
        help: "what the baseline is like: rating=4:1 (mean:sd), error=0.01 (a rate)",
      },
      {
        flags: "--segment <values...>",
        help: "users of one value of a segment: language=de:2% (their share), with what changes for them alone: language=de:2%:success=-0.8",
      },
      { flags: "--traffic <units>", help: "new units, as 5000/day or 200/h" },
      { flags: "--runs <count>", help: "how many rollouts to imagine", default: "1000" },
      { flags: "--seed <number>", help: "all chance is drawn from it", default: "1" },
    ],
    scoped: true,
    examples: ["sluice simulate --policy prompts/support-reply.rollout.yaml --effect rating=-0.2 --runs 200"],
  },
  {
    name: "rollback",
    summary: "back at once, whatever runs; needs Postgres alone",
    about:
      "Ends the rollout that runs, with its candidate; the version that was live stays. Where none runs, or what runs is the watch after a promotion, the last move is undone: what it replaced is live again, or the scope inherits again. With nothing to undo it says so. A second rollback does not bring the bad version back. Kept waiting by a lock, it says within a second who holds it. Then it waits for the services that serve the prompt to confirm, and names those that have not; the exit code does not depend on them.",
    arguments: [{ syntax: "[name]", help: "the prompt", completes: "prompt" }],
    options: [
      { flags: "--reason <text>", help: "why; it is kept", required: true },
      {
        flags: "--to <version>",
        help: "go back to this version, NAME@N; or `inherited`: to what a more general scope serves",
      },
      { flags: "--any-prompt", help: "the default for every prompt of the model (needs --model)" },
      { flags: "--end-blockers", help: "end the connections that hold what it waits for" },
      {
        flags: "--wait-for-fleet <duration>",
        help: "how long to wait for the services to confirm; 0: not at all",
        default: "2s",
      },
    ],
    scoped: true,
    examples: [
      'sluice rollback support-reply --reason "wrong answers about refunds"',
      'sluice rollback support-reply --reason "two bad versions in a row" --to support-reply@1',
      'sluice rollback --any-prompt --model gpt-5.4-mini --reason "the old default was better"',
    ],
  },
] as const satisfies readonly CommandSpec[];

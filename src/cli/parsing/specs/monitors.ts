import type { CommandSpec } from "../command.ts";

const MONITOR = { syntax: "<id>", help: "its id, or the beginning of it" } as const;

export const MONITOR_COMMANDS = [
  {
    name: "monitors list",
    summary: "what is watched outside rollouts, and how far each monitor has come",
    about:
      "Every version that is live is watched by what each recorded call says: errors, refusals, answers of the wrong form or cut off, time, cost and tokens. All monitors together raise one false alarm in 90 days. Exits 1 when an alert is open.",
    arguments: [{ syntax: "[name]", help: "of this prompt only", completes: "prompt" }],
    examples: ["sluice monitors list", "sluice monitors list support-reply --json"],
  },
  {
    name: "monitors show",
    summary: "one monitor: what it holds the version against, and how soon it would find a change",
    arguments: [MONITOR],
    examples: ["sluice monitors show 3f2a91c0"],
  },
  {
    name: "monitors set",
    summary: "set what is watched in a scope, from a file",
    about:
      "The file maps names to monitors, as in `errors: { tolerate: 20% }`, `slow: off`, `cost: { per_day_usd: 50, stop: true }`, or `regate: { max_cost_usd: 2 }`. It is all that is set there: what it leaves out is watched as usual.",
    arguments: [{ syntax: "<name>", help: "the prompt", completes: "prompt" }],
    options: [{ flags: "--file <file>", help: "YAML or JSON", required: true }],
    scoped: true,
    examples: ["sluice monitors set support-reply --file monitors.yaml"],
  },
  {
    name: "monitors mute",
    summary: "have a monitor raise no alert for a while",
    about:
      "It goes on counting, and rings afterwards for what is still so. With --for 0s it rings again at once.",
    arguments: [MONITOR],
    options: [{ flags: "--for <duration>", help: "as in 2h; 31d at most", required: true }],
    examples: ["sluice monitors mute 3f2a91c0 --for 2h"],
  },
  {
    name: "monitors test",
    summary: "go through the last 30 days: what would have rung, and when a change would have been found",
    arguments: [MONITOR],
    options: [{ flags: "--times <factor>", help: "the change: so many times the rate", default: "2" }],
    examples: ["sluice monitors test 3f2a91c0 --times 3"],
  },
  {
    name: "alerts",
    summary: "what monitors have found: versions that have got worse",
    about: "Exits 1 when one is open, for a job that looks after it.",
    arguments: [{ syntax: "[name]", help: "of this prompt only", completes: "prompt" }],
    options: [{ flags: "--all", help: "also those that are over" }],
    examples: ["sluice alerts", "sluice alerts support-reply --all --json"],
  },
  {
    name: "alerts ack",
    summary: "take an alert on: it is not told again",
    arguments: [{ syntax: "<id>", help: "its id, or the beginning of it" }],
    examples: ["sluice alerts ack 3f2a91c0"],
  },
] as const satisfies readonly CommandSpec[];

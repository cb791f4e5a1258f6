import type { CommandSpec } from "./command.ts";
import type { CommandName } from "./given.ts";
import { EXCHANGE_COMMANDS } from "./specs/exchange.ts";
import { KEY_COMMANDS } from "./specs/keys.ts";
import { MONITOR_COMMANDS } from "./specs/monitors.ts";
import { COMPLETE_COMMAND, PROCESS_COMMANDS } from "./specs/processes.ts";
import { PROMPT_COMMANDS } from "./specs/prompts.ts";
import { RECORD_COMMANDS } from "./specs/records.ts";
import { ROLLOUT_COMMANDS } from "./specs/rollouts.ts";
import { SYNC_COMMANDS } from "./specs/sync.ts";

/** Every command, in the order that `--help` shows them. */
export const COMMANDS: readonly (CommandSpec & { readonly name: CommandName })[] = [
  ...PROCESS_COMMANDS,
  COMPLETE_COMMAND,
  ...PROMPT_COMMANDS,
  ...EXCHANGE_COMMANDS,
  ...SYNC_COMMANDS,
  ...ROLLOUT_COMMANDS,
  ...MONITOR_COMMANDS,
  ...RECORD_COMMANDS,
  ...KEY_COMMANDS,
];

/** What stands before a group of commands that is no command itself. */
export const GROUPS: Readonly<Record<string, string>> = {
  import: "bring prompts over, from Langfuse or from another Sluice",
  sync: "what Git says and what is served: compare them",
  rollout: "take a version from gate to promotion: start, follow, stop",
  monitors: "what is watched outside rollouts: versions that get worse",
  "dead-letters": "operations that could not be carried out",
  keys: "who may use the server, and for what",
  sessions: "who is signed in at the server",
  trust: "which CI jobs are let in, and for what",
};

/** Under which heading `sluice --help` lists a command. */
export function headingOf(name: string): string {
  const first = name.split(" ")[0]!;
  const among = (specs: readonly CommandSpec[]) => specs.some((spec) => spec.name.split(" ")[0] === first);
  if (among(PROMPT_COMMANDS) || among(EXCHANGE_COMMANDS) || among(SYNC_COMMANDS)) return "Prompts:";
  if (among(ROLLOUT_COMMANDS)) return "Rollouts:";
  if (among(MONITOR_COMMANDS)) return "Monitors:";
  if (among(RECORD_COMMANDS)) return "Pointers and records:";
  if (among(KEY_COMMANDS)) return "Keys and labels:";
  return "Parts:";
}

import type { RolloutOf } from "../../client/requests.ts";
import type { CommandArguments } from "./command-arguments.ts";
import type { ScopeName } from "./given.ts";

/**
 * The rollout that a first argument means: its id (or the beginning of it), or its prompt's name: the last one, and of
 * `NAME@N` the last one of that version.
 */
export function rolloutOf(given: CommandArguments<never, ScopeName>): RolloutOf {
  const text = given.required(0);
  return /^[0-9a-f]{8}(-|$)/.test(text) ? { rolloutId: text } : given.rollout(0);
}

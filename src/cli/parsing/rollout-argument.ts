import type { Database } from "../../storage/database.ts";
import { findRolloutId } from "../../storage/read/rollout-history.ts";
import { findLatestRollout } from "../../storage/read/rollout-row.ts";
import type { CommandArguments } from "./command-arguments.ts";
import type { ScopeName } from "./given.ts";

/** The rollout that a first argument means: its id (or the beginning of it), or its prompt's name: the last one. */
export async function rolloutOf(db: Database, given: CommandArguments<never, ScopeName>): Promise<string> {
  const text = given.required(0);
  if (/^[0-9a-f]{8}(-|$)/.test(text)) return findRolloutId(db, text);
  const latest = await findLatestRollout(db, given.scope(given.reference(0).prompt));
  return latest?.id ?? findRolloutId(db, text);
}

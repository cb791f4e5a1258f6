import { notFound } from "../../domain/errors.ts";
import { hasVersion } from "../../domain/names.ts";
import { columnsScope, describeScope } from "../../domain/scope.ts";
import type { Database } from "../../storage/database.ts";
import { findRolloutId } from "../../storage/read/rollout-history.ts";
import { findLatestRollout } from "../../storage/read/rollout-row.ts";
import { requireVersion, versionName } from "../../storage/read/version.ts";
import type { CommandArguments } from "./command-arguments.ts";
import type { ScopeName } from "./given.ts";

/**
 * The rollout that a first argument means: its id (or the beginning of it), or its prompt's name: the last one, and of
 * `NAME@N` the last one of that version.
 */
export async function rolloutOf(db: Database, given: CommandArguments<never, ScopeName>): Promise<string> {
  const text = given.required(0);
  if (/^[0-9a-f]{8}(-|$)/.test(text)) return findRolloutId(db, text);
  const reference = given.reference(0);
  const scope = given.scope(reference.prompt);
  if (!hasVersion(reference)) return (await findLatestRollout(db, scope))?.id ?? findRolloutId(db, text);
  const version = await requireVersion(db, reference);
  const latest = await findLatestRollout(db, scope, version.id);
  if (latest) return latest.id;
  throw notFound(
    `there was no rollout of ${versionName(version)} for ${describeScope(columnsScope(scope))}; see: sluice rollout list ${version.prompt}`,
    { prompt: version.prompt, version: version.number },
  );
}

import { conflict } from "../domain/errors.ts";
import type { Database } from "../storage/database.ts";
import { listCallers } from "../storage/read/callers.ts";
import { findOpenRollout } from "../storage/read/rollout-row.ts";
import type { VersionRow } from "../storage/read/version.ts";
import { checkCallers } from "./check-callers.ts";
import type { StartRollout } from "./prepare-start.ts";

const MOST_NAMED = 3;

/**
 * Refuses to roll out what live callers would fail with (`conflict`), unless that is meant; the start is then kept with
 * what it was started despite. A start that joins a rollout which runs has been asked before.
 */
export async function refuseBrokenCallers(
  db: Database,
  version: VersionRow,
  start: StartRollout,
): Promise<StartRollout> {
  const { scope } = start;
  const running = await findOpenRollout(db, scope);
  if (running?.candidate_version === version.id) return start;
  const called = await listCallers(db, { prompt: version.prompt, label: scope.label });
  const callers = called.filter(
    ({ tenant }) => scope.tenant === "" || tenant === null || tenant === scope.tenant,
  );
  const breaks = await checkCallers(db, version.prompt, callers, version.artifact);
  const despite = breaks.filter(({ severity }) => severity === "error").map(({ message }) => message);
  if (despite.length === 0) return start;
  if (start.force) return { ...start, despite };
  const named = despite.slice(0, MOST_NAMED).join("; ");
  const more = despite.length - MOST_NAMED;
  throw conflict(
    `live callers would fail: ${named}${more > 0 ? `; and ${more} more` : ""}. Change them first, or start it all the same (--force); see sluice impact ${version.prompt}@${version.number}`,
    { breaks },
  );
}

import type { Artifact } from "../domain/prompt/artifact.ts";
import { callerBreaks } from "../domain/prompt/caller-breaks.ts";
import { scopeColumns } from "../domain/scope.ts";
import type { Caller, CallerBreak } from "../domain/shapes/callers.ts";
import type { Database } from "../storage/database.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById } from "../storage/read/version.ts";

/** What a version would do to those who call its prompt, each held against what its own label serves it now. */
export async function checkCallers(
  db: Database,
  prompt: string,
  callers: readonly Caller[],
  candidate: Artifact,
): Promise<CallerBreak[]> {
  const found: CallerBreak[] = [];
  for (const [label, some] of Map.groupBy(callers, (caller) => caller.label)) {
    const served = await servedVersion(db, scopeColumns({ label, prompt }));
    const live = served === null ? undefined : await findVersionById(db, served);
    found.push(...callerBreaks(some, live?.artifact, candidate));
  }
  return found;
}

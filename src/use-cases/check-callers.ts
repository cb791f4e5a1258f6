import type { Artifact } from "../domain/prompt/artifact.ts";
import { callerBreaks } from "../domain/prompt/caller-breaks.ts";
import type { Caller, CallerBreak } from "../domain/shapes/callers.ts";
import type { Database } from "../storage/database.ts";
import { placeKey, servedArtifacts } from "../storage/read/served-artifacts.ts";

/** What a version would do to those who call its prompt, each held against what its own label serves it now. */
export async function checkCallers(
  db: Database,
  prompt: string,
  callers: readonly Caller[],
  candidate: Artifact,
): Promise<CallerBreak[]> {
  return (await callerCheck(db, new Map([[prompt, callers]])))(prompt, candidate);
}

/** The same for versions of many prompts, by the callers of each: what is served is asked for once. */
export async function callerCheck(
  db: Database,
  callers: ReadonlyMap<string, readonly Caller[]>,
): Promise<(prompt: string, candidate: Artifact) => CallerBreak[]> {
  const byLabel = new Map(
    [...callers].map(([prompt, some]) => [prompt, Map.groupBy(some, ({ label }) => label)]),
  );
  const places = [...byLabel].flatMap(([prompt, labels]) =>
    [...labels.keys()].map((label) => ({ prompt, label })),
  );
  const served = await servedArtifacts(db, places);
  return (prompt, candidate) =>
    [...(byLabel.get(prompt) ?? [])].flatMap(([label, some]) =>
      callerBreaks(some, served.get(placeKey({ prompt, label })), candidate),
    );
}

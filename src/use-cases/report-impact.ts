import type { Grants } from "../domain/access/grants.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import type { PromptReference } from "../domain/names.ts";
import type { Impact } from "../domain/shapes/callers.ts";
import { digestJson } from "../digest.ts";
import type { Database } from "../storage/database.ts";
import { CALLER_DAYS, listCallers } from "../storage/read/callers.ts";
import { requireVersion } from "../storage/read/version.ts";
import { versionsIn } from "../storage/read/versions-in.ts";
import { loadPromptFile } from "../templates/load-prompt-file.ts";
import { checkCallers } from "./check-callers.ts";
import { reportDependants } from "./report-dependants.ts";
import { resolveIncludes } from "./resolve-includes.ts";

export interface ImpactRequest {
  /** A version that there is, or the text of a file that is none yet. */
  readonly of: PromptReference | { readonly text: string; readonly name: string };
  /** Callers of one label; absent: of all. */
  readonly label?: string | undefined;
  readonly days?: number | undefined;
  readonly seen?: Grants | undefined;
}

/** Who would notice a version: those who call its prompt, and what includes it, with those who call that. */
export async function reportImpact(db: Database, request: ImpactRequest): Promise<Impact> {
  const { label, days = CALLER_DAYS, seen } = request;
  const { prompt, number, artifact } = await subjectOf(db, request);
  const callers = await listCallers(db, { prompt, label, days, seen });
  const included = { prompt, number: number ?? 0, sha256: digestJson(artifact), artifact };
  return {
    prompt,
    version: number,
    days,
    callers: new Set(callers.map(({ service }) => service)).size,
    breaks: await checkCallers(db, prompt, callers, artifact),
    dependants: await reportDependants(db, included, { label, days, seen }),
  };
}

async function subjectOf(
  db: Database,
  { of, seen }: ImpactRequest,
): Promise<{ readonly prompt: string; readonly number: number | null; readonly artifact: Artifact }> {
  if (!("text" in of)) return requireVersion(db, of);
  const file = loadPromptFile(of.text, of.name);
  return { prompt: file.name, number: null, artifact: await resolveIncludes(versionsIn(db, seen), file) };
}

import type { PromptReference } from "../domain/names.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import { diffArtifacts } from "../domain/prompt/version-diff.ts";
import type { VersionDiff } from "../domain/shapes/versions.ts";
import type { Database } from "../storage/database.ts";
import { requireVersion, versionName } from "../storage/read/version.ts";
import { countTokens } from "../providers/token-count.ts";
import { fixedTokenText } from "../templates/load-prompt-file.ts";
import type { VersionLookup } from "../domain/prompt/include.ts";
import { resolveIncludes } from "./resolve-includes.ts";

/** An artifact with what to call it and what its own texts cost. */
export interface DiffSide {
  readonly name: string;
  readonly artifact: Artifact;
  readonly tokens: number;
}

/** Compares two artifacts, wherever they come from. */
export function diffSides(from: DiffSide, to: DiffSide): VersionDiff {
  const changes = diffArtifacts(from.artifact, to.artifact);
  return {
    from: from.name,
    to: to.name,
    same: changes.length === 0,
    tokens: { before: from.tokens, after: to.tokens },
    changes,
  };
}

/** The side of a prompt file, with all that it includes. */
export async function fileSide(name: string, file: PromptFile, versions: VersionLookup): Promise<DiffSide> {
  const artifact = await resolveIncludes(versions, file);
  const { tokens } = await countTokens(fixedTokenText(artifact), artifact.model);
  return { name, artifact, tokens };
}

/** Compares two stored versions, of one prompt or of two; `not_found` for one that is not there. */
export async function diffVersions(
  db: Database,
  { from, to }: { readonly from: PromptReference; readonly to: PromptReference },
): Promise<VersionDiff> {
  const side = async (reference: PromptReference): Promise<DiffSide> => {
    const version = await requireVersion(db, reference);
    return { name: versionName(version), artifact: version.artifact, tokens: version.token_count };
  };
  return diffSides(await side(from), await side(to));
}

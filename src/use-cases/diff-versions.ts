import type { VersionReference } from "../domain/names.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import { diffArtifacts, type PartChange } from "../domain/prompt/version-diff.ts";
import type { Database } from "../storage/database.ts";
import { requireVersion, versionName } from "../storage/read/version.ts";

/** What differs between two versions. */
export interface VersionDiff {
  /** `support-reply@2` */
  readonly from: string;
  readonly to: string;
  readonly same: boolean;
  /** What their own texts cost, before any variable. */
  readonly tokens: { readonly before: number; readonly after: number };
  readonly changes: readonly PartChange[];
}

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

/** Compares two stored versions, of one prompt or of two; `not_found` for one that is not there. */
export async function diffVersions(
  db: Database,
  { from, to }: { readonly from: VersionReference; readonly to: VersionReference },
): Promise<VersionDiff> {
  const side = async (reference: VersionReference): Promise<DiffSide> => {
    const version = await requireVersion(db, reference);
    return { name: versionName(version), artifact: version.artifact, tokens: version.token_count };
  };
  return diffSides(await side(from), await side(to));
}

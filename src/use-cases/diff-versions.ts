import type { VersionReference } from "../domain/names.ts";
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

/** Compares two stored versions, of one prompt or of two; `not_found` for one that is not there. */
export async function diffVersions(
  db: Database,
  { from, to }: { readonly from: VersionReference; readonly to: VersionReference },
): Promise<VersionDiff> {
  const before = await requireVersion(db, from);
  const after = await requireVersion(db, to);
  const changes = diffArtifacts(before.artifact, after.artifact);
  return {
    from: versionName(before),
    to: versionName(after),
    same: changes.length === 0,
    tokens: { before: before.token_count, after: after.token_count },
    changes,
  };
}

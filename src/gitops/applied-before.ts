import type { Sluice } from "../client/sluice.ts";
import type { PublishedManifest } from "../domain/shapes/delivering.ts";
import type { AppliedCommit } from "../domain/shapes/syncing.ts";
import { type CommitPlace, orderOf, readCommitPlace } from "./checkout.ts";

export interface AppliedBefore {
  /** Undefined without Git, and before the first commit. */
  readonly place: CommitPlace | undefined;
  readonly manifest: PublishedManifest | undefined;
  /** Null without Git, and before the first commit was applied. */
  readonly applied: AppliedCommit | null;
}

/** What was applied last of the repository that a folder is in, and how the commit that is checked out stands to it. */
export async function appliedBefore(
  sluice: Pick<Sluice, "manifests">,
  folder: string,
): Promise<AppliedBefore> {
  const place = await readCommitPlace(folder).catch(() => undefined);
  if (!place) return { place, manifest: undefined, applied: null };
  const manifest = (await sluice.manifests()).find(({ repository }) => repository === place.repository);
  if (!manifest) return { place, manifest, applied: null };
  const { repository, branch, commit } = manifest;
  const order = await orderOf(folder, commit);
  return { place, manifest, applied: { repository, branch, commit, order } };
}

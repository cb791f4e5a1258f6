import type { Sluice } from "../client/sluice.ts";
import type { PublishedManifest } from "../domain/shapes/delivering.ts";
import type { AppliedCommit } from "../domain/shapes/syncing.ts";
import { orderOf, readCommitPlace } from "./checkout.ts";

export interface AppliedBefore {
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
  if (!place) return { manifest: undefined, applied: null };
  const manifest = (await sluice.manifests()).find(({ repository }) => repository === place.repository);
  if (!manifest) return { manifest, applied: null };
  const { repository, branch, commit } = manifest;
  return { manifest, applied: { repository, branch, commit, order: await orderOf(folder, commit) } };
}

import type { Sluice } from "../client/sluice.ts";
import type { ListedVersion } from "../domain/shapes/versions.ts";

/** What a plan reads of the store. */
export type SyncReading = Pick<
  Sluice,
  | "findPrompts"
  | "findVersions"
  | "show"
  | "pointers"
  | "pointersAt"
  | "rollouts"
  | "manifests"
  | "labels"
  | "callers"
>;

const PAGE = 100;

/** The version that has this content, if there is one. */
export async function versionOf(
  sluice: Pick<SyncReading, "findVersions">,
  prompt: string,
  sha256: string,
  newest: ListedVersion,
): Promise<ListedVersion | undefined> {
  if (newest.sha256 === sha256) return newest;
  for (let page = 1; ; page++) {
    const { versions } = await sluice.findVersions(prompt, { limit: PAGE, page });
    const found = versions.find((one) => one.sha256 === sha256);
    if (found || versions.length < PAGE) return found;
  }
}

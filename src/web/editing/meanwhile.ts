import type { ListedVersion } from "../../domain/shapes/versions.ts";

/** What users were spared, or taken back from: nobody wants it in what they write. */
const REFUSED = new Set(["rejected", "rolled_back"]);

/** Whether a version was turned down, by its tests, by a person or by users, and is live nowhere. */
export function wasRefused({ rollout, live }: Pick<ListedVersion, "rollout" | "live">): boolean {
  return live.length === 0 && rollout !== null && REFUSED.has(rollout.outcome ?? "");
}

/** The newest version since `base` that whoever writes should know of; those that were turned down are none. */
export function newestSince<V extends Pick<ListedVersion, "version" | "rollout" | "live">>(
  versions: readonly V[],
  base: number | null,
): V | undefined {
  if (base === null) return undefined;
  return versions.find((one) => one.version > base && !wasRefused(one));
}

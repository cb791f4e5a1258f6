import type { ListedVersion } from "../../domain/shapes/versions.ts";
import { rolloutPath } from "../route.ts";

/** How the last rollout of a version went, with the way there. */
export function RolloutOfVersion({ rollout }: Pick<ListedVersion, "rollout">) {
  if (!rollout) return <span class="note">none</span>;
  return (
    <a href={rolloutPath(rollout.rolloutId)}>{(rollout.outcome ?? rollout.phase).replaceAll("_", " ")}</a>
  );
}

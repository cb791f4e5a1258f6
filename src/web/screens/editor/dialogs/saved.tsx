import { versionData } from "../../../../domain/addresses/first-data.ts";
import type { PushedVersion, ShownVersion } from "../../../../domain/shapes/versions.ts";
import { useResource } from "../../../data/resource.ts";
import { VersionLink } from "../../../parts/version-link.tsx";
import { startPath } from "../../../route.ts";

/** What came of saving: a version, or that there was one of this content. */
export function Saved({
  prompt,
  pushed: { version, created },
  onClose,
}: {
  readonly prompt: string;
  readonly pushed: PushedVersion;
  readonly onClose: () => void;
}) {
  const reference = `${prompt}@${version}`;
  // What was made this moment serves nobody; what there was may be live for long.
  const there = useResource<ShownVersion>(created ? undefined : versionData(prompt, version));
  const live = there.value?.live ?? [];
  const isKnown = created || there.value !== undefined || there.failed !== undefined;
  return (
    <>
      <p role="status">
        {created ? (
          <>
            <VersionLink of={reference} whole /> is saved for good. No user gets it yet: it is rolled out when
            somebody asks for it.
          </>
        ) : (
          <>
            <VersionLink of={reference} whole /> says exactly the same, so nothing new was made.
            {live.length > 0 && ` It is live in ${live.join(", ")} already.`}
          </>
        )}
      </p>
      <div class="dialog-acts">
        <button type="button" onClick={onClose}>
          Close
        </button>
        {isKnown && live.length === 0 && (
          <a class="button primary" href={startPath(prompt, version)}>
            Roll it out…
          </a>
        )}
      </div>
    </>
  );
}

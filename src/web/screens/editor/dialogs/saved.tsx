import type { PushedVersion } from "../../../../domain/shapes/versions.ts";
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
          </>
        )}
      </p>
      <div class="dialog-acts">
        <button type="button" onClick={onClose}>
          Close
        </button>
        <a class="button primary" href={startPath(prompt, version)}>
          Roll it out…
        </a>
      </div>
    </>
  );
}

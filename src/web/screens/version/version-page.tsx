import { versionData } from "../../../domain/addresses/first-data.ts";
import type { ShownVersion } from "../../../domain/shapes/versions.ts";
import { useResource } from "../../data/resource.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { Time } from "../../parts/time.tsx";
import { UsageLately, useUsageLately } from "../../parts/usage-lately.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { comparePath, editorPath, playPath, rolloutPath, startPath } from "../../route.ts";
import { Examples, Json, Messages, Tools } from "./messages.tsx";
import { Variables } from "./variables.tsx";
import { VersionFacts } from "./version-facts.tsx";

/** One version, whole: what it says, and what became of it. */
export function VersionPage({ prompt, version }: { readonly prompt: string; readonly version: number }) {
  const reference = `${prompt}@${version}`;
  useTitle(reference);
  const path = versionData(prompt, version);
  const found = useResource<ShownVersion>(path);
  const usage = useUsageLately(prompt);
  return (
    <>
      <PageHead
        title={reference}
        kicker={<PromptLink prompt={prompt} />}
        acts={
          found.value && (
            <>
              <a class="button" href={editorPath(prompt, { from: version })}>
                Edit from here
              </a>
              {version > 1 && (
                <a class="button" href={comparePath(prompt, version - 1, version)}>
                  Compare with @{version - 1}
                </a>
              )}
              <a class="button" href={playPath(prompt, [version])}>
                Try it
              </a>
              <RollOut version={found.value} />
              <a class="button" href={`${path}?as=file`} download={`${prompt.replaceAll("/", "-")}.yaml`}>
                Download file
              </a>
            </>
          )
        }
      >
        {found.value && (
          <p class="lead">
            <StateChip state={found.value.status} />{" "}
            <ShownText text={found.value.message || "Without a message."} />{" "}
            <span class="note">
              {found.value.author}, <Time at={found.value.createdAt} />
            </span>
          </p>
        )}
      </PageHead>
      <Loaded from={found} lines={10}>
        {(shown) => (
          <div class="with-aside">
            <div>
              <Section title="What it says">
                <Messages artifact={shown.artifact} />
              </Section>
              <Variables variables={shown.artifact.variables} />
              <Examples artifact={shown.artifact} />
              <Tools artifact={shown.artifact} />
              <Json title="Shape of the answer" value={shown.artifact.output_schema} />
              <Json title="Configuration of its author's own" value={shown.artifact.config} />
            </div>
            <VersionFacts version={shown} />
          </div>
        )}
      </Loaded>
      <UsageLately title="In the open, last 7 days" found={usage} versions={[version]} />
    </>
  );
}

/** Where it could go next: to users, to those of another label, or on with the rollout that it has. */
function RollOut({
  version: { prompt, version, status, live, rollout },
}: {
  readonly version: ShownVersion;
}) {
  if (status === "archived") return null;
  const isTried = rollout !== null && rollout.outcome === null;
  return (
    <a class="button" href={isTried ? rolloutPath(rollout.rolloutId) : startPath(prompt, version)}>
      {isTried ? "See its rollout" : live.length > 0 ? "Roll it out elsewhere" : "Roll it out"}
    </a>
  );
}

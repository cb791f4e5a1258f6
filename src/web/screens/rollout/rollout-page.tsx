import { useMemo } from "preact/hooks";
import { recordData, rolloutData } from "../../../domain/addresses/first-data.ts";
import type { RolloutHistory } from "../../../domain/shapes/rollout-record.ts";
import { useResource, useSettled } from "../../data/resource.ts";
import { changesOf } from "../../data/stream.ts";
import { Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import { scopeName } from "../../parts/scope-name.ts";
import { PromptLink, VersionLink } from "../../parts/version-link.tsx";
import { promptOf } from "../../parts/version-link.tsx";
import { Curves, useCurve } from "./curves.tsx";
import { LiveLine } from "./live-line.tsx";
import { Measured } from "./measured.tsx";
import { RolloutAside } from "./rollout-aside.tsx";
import type { ShownRollout } from "./shown-rollout.ts";
import { StageStrip } from "./stage-strip.tsx";
import { TestsSaid } from "./tests-said.tsx";
import { VerdictPanel } from "./verdict-panel.tsx";

/** One rollout: what has become of it and why, and what can be done. */
export function RolloutPage({ rollout }: { readonly rollout: string }) {
  const changes = useMemo(() => changesOf(rollout), [rollout]);
  const found = useResource<ShownRollout>(rolloutData(rollout), changes);
  const record = useResource<RolloutHistory>(recordData(rollout), changes);
  const curve = useCurve(rollout, found.value, changes);
  const isSettled = useSettled([found, record]);
  // What stands under the pictures does not move when they come.
  const isDrawn = curve === undefined || curve.value !== undefined || curve.failed !== undefined;
  useTitle(found.value?.candidate ?? "Rollout");
  return (
    <Loaded from={isSettled ? found : { ...found, value: undefined }} lines={12} title="Rollout">
      {(status) => (
        <>
          <PageHead title={status.candidate} kicker={<PromptLink prompt={promptOf(status.candidate)} />}>
            <p class="lead">
              {status.baseline === null ? (
                "The first version"
              ) : (
                <>
                  Against <VersionLink of={status.baseline} />
                </>
              )}{" "}
              in {scopeName(status)}{" "}
              <LiveLine
                status={status}
                lookedAt={curve?.value?.at.at(-1)}
                intervalMs={record.value?.policy.canary?.interval_ms}
              />
            </p>
          </PageHead>
          <VerdictPanel
            status={status}
            onDone={() => {
              found.reload();
              record.reload();
            }}
          />
          <StageStrip status={status} record={record.value} curve={curve?.value} />
          <div class="with-aside">
            <div>
              <Curves status={status} curve={curve} />
              {isDrawn && status.evidence.length > 0 && (
                <Section title="What was measured">
                  <Measured status={status} curve={curve?.value} />
                </Section>
              )}
              {isDrawn && <TestsSaid status={status} record={record.value} />}
            </div>
            <RolloutAside status={status} record={record.value} curve={curve?.value} />
          </div>
        </>
      )}
    </Loaded>
  );
}

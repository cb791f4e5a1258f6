import type { ListedPointer } from "../../../domain/shapes/pointers.ts";
import type { ListedRollout } from "../../../domain/shapes/rollouts.ts";
import { useResource } from "../../data/resource.ts";
import { Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import type { Page } from "../../data/page.ts";
import { FirstSteps } from "./first-steps.tsx";
import { LiveNow } from "./live-now.tsx";
import { Lately, RunningNow } from "./rollout-lines.tsx";

/** What is happening, and what is wanted of whoever looks. */
export function HomePage() {
  useTitle("Sluice");
  const pointers = useResource<Page<ListedPointer>>("/v1/pointers");
  const running = useResource<Page<ListedRollout>>("/v1/rollouts?running=true&limit=50");
  const lately = useResource<Page<ListedRollout>>("/v1/rollouts?limit=30");
  const isFirstRun =
    pointers.value?.items.every(({ active }) => active === null) && !lately.value?.items.length;
  if (isFirstRun && lately.value) return <FirstSteps />;
  return (
    <>
      <PageHead title="Home">
        <Loaded from={running} lines={1}>
          {({ items }) => <p class="lead">{sentence(items.length)}</p>}
        </Loaded>
      </PageHead>
      <Section title="Being rolled out">
        <Loaded from={running}>{({ items }) => <RunningNow rollouts={items} />}</Loaded>
      </Section>
      <Section title="Live now">
        <Loaded from={pointers}>{({ items }) => <LiveNow pointers={items} />}</Loaded>
      </Section>
      <Section title="Lately">
        <Loaded from={lately}>{({ items }) => <Lately rollouts={items} />}</Loaded>
      </Section>
    </>
  );
}

function sentence(running: number): string {
  if (running === 0) return "Nothing is being rolled out.";
  return running === 1 ? "One version is being rolled out." : `${running} versions are being rolled out.`;
}

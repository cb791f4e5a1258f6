import { homeData } from "../../../domain/addresses/first-data.ts";
import { MOST_RUNNING, type Overview } from "../../../domain/shapes/overview.ts";
import { useResource } from "../../data/resource.ts";
import { whatChanged } from "../../data/stream.ts";
import { Empty, Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import { useQuery } from "../../route.ts";
import { NewPromptButton } from "../editor/new-prompt-button.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { LiveNow } from "./live-now.tsx";
import { Lately, RunningNow } from "./rollout-lines.tsx";
import { StartOne } from "./start-one.tsx";
import { NeedsYou } from "./needs-you.tsx";

/** What is wanted of whoever looks, and what is happening. */
export function HomePage() {
  const label = useQuery().get("label") ?? "";
  const found = useResource<Overview>(homeData(label), whatChanged);
  const wanted = found.value?.wanted.length ?? 0;
  useTitle(wanted > 0 ? `(${wanted}) Home` : "Home");
  if (found.value?.isEmpty) return <FirstSteps />;
  return (
    <>
      <PageHead title="Home" acts={<NewPromptButton />} />
      <Loaded from={found} lines={12}>
        {(overview) => <Parts overview={overview} onChange={found.reload} />}
      </Loaded>
    </>
  );
}

function Parts({
  overview: { wanted, running, live, moreLive, ended },
  onChange,
}: {
  readonly overview: Overview;
  readonly onChange: () => void;
}) {
  return (
    <>
      <Section title="Needs you">
        <NeedsYou wanted={wanted} onChange={onChange} />
      </Section>
      <Section title="Being rolled out">
        {running.length === 0 ? (
          <Empty text="Nothing is being rolled out." command="sluice rollout start NAME@2">
            <StartOne name="Start one" />
          </Empty>
        ) : (
          <>
            <RunningNow rollouts={running} />
            <div class="after-table">
              <StartOne name="Start another" />
            </div>
          </>
        )}
        {running.length >= MOST_RUNNING && (
          <p class="after-table">
            <a href="/rollouts?state=running">All that run</a>
            <span class="note"> (these are the newest {MOST_RUNNING})</span>
          </p>
        )}
      </Section>
      <Section title="Live now">
        {live.length === 0 ? <Empty text="Nothing is live yet." /> : <LiveNow live={live} />}
        {moreLive > 0 && (
          <p class="after-table">
            <a href="/prompts">All prompts</a>
            <span class="note"> ({moreLive.toLocaleString("en")} more are live)</span>
          </p>
        )}
      </Section>
      <Section title="Lately">
        <Lately rollouts={ended} />
      </Section>
    </>
  );
}

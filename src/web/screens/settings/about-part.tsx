import type { AboutServer } from "../../../domain/shapes/about.ts";
import { counted } from "../../../domain/text/counted.ts";
import { useResource } from "../../data/resource.ts";
import { Fact } from "../../parts/fact.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Loaded, Section } from "../../parts/page.tsx";
import { Examined } from "./examined.tsx";

/** What this server is, how its parts do, and what may be spent through it. */
export function AboutPart() {
  const found = useResource<AboutServer>("/v1/about");
  return (
    <Loaded from={found} lines={8}>
      {(about) => (
        <>
          <Section title="This server">
            <dl class="card facts in-two">
              <Fact name="Sluice">{about.version}</Fact>
              <Fact name="Postgres">
                <State isWell word="Reached." />
                <span class="note block">
                  {about.postgres.version}, schema {about.postgres.schema}
                </span>
              </Fact>
              <Fact name="Temporal">
                {about.temporal === "reached" ? (
                  <State isWell word="Reached." />
                ) : (
                  <>
                    <State isWell={false} word="Not reached." />
                    <span class="note block">
                      Rollouts neither start nor go on. Rolling back and stopping work without it.
                    </span>
                  </>
                )}
              </Fact>
              <Fact name="Workers">
                <Workers of={about.canaries} />
              </Fact>
              <Fact name="Services">{counted(about.services, "service")} heard of in half a minute</Fact>
              <Fact name="Streams">{counted(about.streams, "stream")} of events open here</Fact>
              <Fact name="Rules of decisions">
                version {about.decisionRules.at(-1)}
                {about.decisionRules.length > 1 && (
                  <span class="note block">
                    rollouts that began under {about.decisionRules.slice(0, -1).join(" or ")} go on by it
                  </span>
                )}
              </Fact>
            </dl>
          </Section>
          <Section title="Budgets">
            <dl class="card facts in-two">
              <Fact name="One run of tests">
                ${about.maxEvaluationUsd} at most
                <span class="note block">
                  Whoever runs the server sets it: <code>SLUICE_MAX_EVALUATION_USD</code>
                </span>
              </Fact>
              <Fact name="Trying prompts">
                {about.playgroundUsd > 0 ? `$${about.playgroundUsd} a person and day` : "Nobody does, here."}
                <span class="note block">
                  Whoever runs the server sets it: <code>SLUICE_PLAYGROUND_USD</code>
                </span>
              </Fact>
            </dl>
          </Section>
          <Examined />
        </>
      )}
    </Loaded>
  );
}

function State({ isWell, word }: { readonly isWell: boolean; readonly word: string }) {
  return (
    <span class={isWell ? "may" : "may needs"}>
      <Icon name={isWell ? "done" : "needs"} />
      {word}
    </span>
  );
}

/** Nobody counts workers: what they do for users is to look at canaries in time. */
function Workers({ of: { open, unattended } }: { readonly of: AboutServer["canaries"] }) {
  if (open === 0) return <>No users try anything, so there is nothing to look at.</>;
  if (unattended === 0)
    return (
      <State isWell word={`Look at ${open === 1 ? "the one rollout" : `all ${open} rollouts`} in time.`} />
    );
  return (
    <State
      isWell={false}
      word={`${unattended} of ${counted(open, "rollout")} ${unattended === 1 ? "is" : "are"} not looked at: is a worker running?`}
    />
  );
}

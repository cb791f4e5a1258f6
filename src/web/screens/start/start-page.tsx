import { promptData } from "../../../domain/addresses/first-data.ts";
import type { RolloutRules } from "../../../domain/shapes/rules.ts";
import { useKept } from "../../data/kept.ts";
import { useResource } from "../../data/resource.ts";
import { whatChanged } from "../../data/stream.ts";
import { Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { address, rolloutPath } from "../../route.ts";
import type { ShownPrompt } from "../prompt/prompt-page.tsx";
import { RulesWorkbench } from "./rules-workbench.tsx";
import { placeOf, type StartPlace } from "./start-place.ts";
import { WhereFields } from "./where-fields.tsx";

/** Before a rollout: by which rules, what they need and find, and what would come of it. */
export function StartPage({ prompt }: { readonly prompt: string }) {
  const asked = placeOf(useKept(address));
  const { label, tenant, model } = asked;
  const shown = useResource<ShownPrompt>(
    `${promptData(prompt)}&label=${encodeURIComponent(label)}`,
    whatChanged,
  );
  const scope = new URLSearchParams({
    prompt,
    label,
    ...(tenant !== null && { tenant }),
    ...(model !== null && { model }),
  });
  // Not asked for again while somebody works with it: the plan would change under their hands.
  const rules = useResource<RolloutRules>(`/v1/rules?${scope}`);
  const version = asked.version ?? shown.value?.newest?.version;
  useTitle(version === undefined ? `Rollout of ${prompt}` : `Rollout of ${prompt}@${version}`);
  const place: StartPlace | undefined = version === undefined ? undefined : { ...asked, version };
  return (
    <>
      <PageHead
        title={version === undefined ? "A rollout" : `A rollout of @${version}`}
        kicker={<PromptLink prompt={prompt} />}
      >
        <p class="lead">
          Tests first, then a growing share of users, then everybody, if it proves to be good enough. What
          turns out to be worse is taken back by itself.
        </p>
      </PageHead>
      <Loaded from={shown} lines={10}>
        {(overview) =>
          place === undefined ? (
            <p class="empty">It has no version yet, so there is nothing to roll out.</p>
          ) : (
            <Loaded from={rules} lines={10}>
              {(found) => (
                <RulesWorkbench
                  key={`${label} ${tenant} ${model}`}
                  prompt={prompt}
                  place={place}
                  rules={found}
                  can={overview.can}
                  where={
                    <>
                      <RunsAlready overview={overview} place={place} />
                      <WhereFields
                        prompt={prompt}
                        place={place}
                        serves={found.serves}
                        labels={["production", ...overview.pointers.map((one) => one.label)]}
                      />
                    </>
                  }
                />
              )}
            </Loaded>
          )
        }
      </Loaded>
    </>
  );
}

/** One rollout of a scope at a time. */
function RunsAlready({ overview, place }: { readonly overview: ShownPrompt; readonly place: StartPlace }) {
  const running = overview.running.find(
    ({ label, tenant, model }) => label === place.label && tenant === place.tenant && model === place.model,
  );
  if (!running) return null;
  return (
    <p class="plan-warning">
      <a href={rolloutPath(running.rolloutId)}>{running.candidate} is being rolled out here</a>. One at a
      time: wait for its end, or stop it there.
    </p>
  );
}

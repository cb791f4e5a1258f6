import type { ListedPointer } from "../../../domain/shapes/pointers.ts";
import type { ListedPrompt } from "../../../domain/shapes/prompts.ts";
import type { ListedRollout } from "../../../domain/shapes/rollouts.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { Chip } from "../../parts/chip.tsx";
import { Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import { Lately, RunningNow } from "../home/rollout-lines.tsx";
import { VersionsTable } from "./versions-table.tsx";
import { WhereLive } from "./where-live.tsx";

/** A prompt: where it is live, its versions, and what is being tried. */
export function PromptPage({ prompt }: { readonly prompt: string }) {
  useTitle(prompt);
  const found = useResource<Page<ListedPrompt>>(`/v1/prompts?limit=1&prefix=${encodeURIComponent(prompt)}`);
  const pointers = useResource<Page<ListedPointer>>(`/v1/pointers?prompt=${encodeURIComponent(prompt)}`);
  const rollouts = useResource<Page<ListedRollout>>(
    `/v1/rollouts?limit=20&prompt=${encodeURIComponent(prompt)}`,
  );
  const itself = found.value?.items.find((one) => one.prompt === prompt);
  return (
    <>
      <PageHead title={prompt}>
        {itself && itself.description !== "" && <p class="lead">{itself.description}</p>}
        {pointers.value && <p class="sentence">{sentence(pointers.value.items)}</p>}
        {itself && itself.tags.length > 0 && (
          <ul class="inline">
            {itself.tags.map((tag) => (
              <li key={tag}>
                <a href={`/prompts?tag=${encodeURIComponent(tag)}`}>
                  <Chip tone="plain">{tag}</Chip>
                </a>
              </li>
            ))}
          </ul>
        )}
      </PageHead>
      <Section title="Where it is live">
        <Loaded from={pointers} lines={2}>
          {({ items }) => <WhereLive pointers={items} />}
        </Loaded>
      </Section>
      <VersionsTable prompt={prompt} />
      {rollouts.value && rollouts.value.items.length > 0 && (
        <Section title="Rollouts">
          <Rollouts rollouts={rollouts.value.items} />
        </Section>
      )}
    </>
  );
}

function Rollouts({ rollouts }: { readonly rollouts: readonly ListedRollout[] }) {
  const running = rollouts.filter(({ outcome }) => outcome === null);
  return (
    <>
      {running.length > 0 && <RunningNow rollouts={running} />}
      {rollouts.length > running.length && <Lately rollouts={rollouts} />}
    </>
  );
}

/** `@7 is live in production. @8 is being tried by 25 % of users.` */
function sentence(pointers: readonly ListedPointer[]): string {
  const number = (reference: string) => reference.slice(reference.lastIndexOf("@"));
  const forAll = pointers.filter(({ tenant, model }) => tenant === null && model === null);
  const live = forAll.flatMap(({ active, label }) =>
    active ? [`${number(active)} is live in ${label}.`] : [],
  );
  const tried = forAll.flatMap(({ candidate, share, mode }) =>
    candidate && mode === "canary" ? [`${number(candidate)} is being tried by ${share} % of users.`] : [],
  );
  return [...live, ...tried].join(" ") || "It is live nowhere.";
}

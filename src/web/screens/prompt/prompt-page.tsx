import { promptData } from "../../../domain/addresses/first-data.ts";
import type { PromptAct, PromptOverview } from "../../../domain/shapes/overview.ts";
import type { Rights } from "../../../domain/shapes/rights.ts";
import { useResource, useSettled } from "../../data/resource.ts";
import { whatChanged } from "../../data/stream.ts";
import { OfferedActs } from "../../acts/offered.tsx";
import { Chip } from "../../parts/chip.tsx";
import { Happened } from "../../parts/happened.tsx";
import { Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { UsageLately, useUsageLately } from "../../parts/usage-lately.tsx";
import { VersionLink } from "../../parts/version-link.tsx";
import { editorPath, go, playPath, startPath, usagePath, withQuery } from "../../route.ts";
import { Lately, RunningNow } from "../home/rollout-lines.tsx";
import { CallersOf, useCallersOf } from "./callers-of.tsx";
import { TestsOfPrompt, useTestsOf } from "./tests-of-prompt.tsx";
import { DraftsOf, useDraftsOf } from "./drafts-of.tsx";
import { useVersionsOf, VersionsTable } from "./versions-table.tsx";
import { type ShownPointer, WhereLive } from "./where-live.tsx";

export interface ShownPrompt extends PromptOverview {
  readonly pointers: readonly ShownPointer[];
  readonly can: Rights<PromptAct>;
}

/** A prompt: where it is live, its versions, and what is being tried. */
export function PromptPage({ prompt }: { readonly prompt: string }) {
  useTitle(prompt);
  const found = useResource<ShownPrompt>(promptData(prompt), whatChanged);
  const versions = useVersionsOf(prompt);
  const [usage, tests, drafts] = [useUsageLately(prompt), useTestsOf(prompt), useDraftsOf(prompt)];
  const callers = useCallersOf(prompt);
  const isSettled = useSettled([versions.resource, usage, tests, drafts, callers]);
  const whole = isSettled ? found : { ...found, value: undefined };
  return (
    <>
      <PageHead title={prompt} {...(whole.value && { acts: <PromptActs prompt={whole.value} /> })}>
        {whole.value && <About prompt={whole.value} />}
      </PageHead>
      <Loaded from={whole} lines={16}>
        {(shown) => (
          <>
            {shown.running.length > 0 && (
              <Section title="Being rolled out">
                <RunningNow rollouts={shown.running} />
              </Section>
            )}
            <Section title="Where it is live">
              <WhereLive prompt={prompt} pointers={shown.pointers} onChange={found.reload} />
            </Section>
            <VersionsTable prompt={prompt} pages={versions} />
            <UsageLately title="Usage, last 7 days" found={usage} />
            <CallersOf found={callers} />
            <TestsOfPrompt found={tests} />
            <DraftsOf prompt={prompt} found={drafts} />
            {shown.rollouts.some(({ outcome }) => outcome !== null) && (
              <Section title="Rollouts that have ended">
                <Lately rollouts={shown.rollouts} />
              </Section>
            )}
            {shown.uses.length > 0 && (
              <Section title="Used by">
                <ul class="inline">
                  {shown.uses.map((use) => (
                    <li key={use.versionId}>
                      <VersionLink of={`${use.prompt}@${use.version}`} whole />{" "}
                      <span class="note">has {use.includes}</span>
                    </li>
                  ))}
                </ul>
              </Section>
            )}
            {shown.audit.length > 0 && (
              <Section title="What happened">
                <div class="card">
                  <Happened entries={shown.audit} />
                </div>
                <p class="after-table">
                  <a href={withQuery("/audit", { prompt })}>All of it, in the audit log</a>
                </p>
              </Section>
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

function PromptActs({ prompt: { prompt, newest, can, pointers } }: { readonly prompt: ShownPrompt }) {
  const { start, ask, edit } = can;
  // What is live wherever anything is has nowhere to be rolled out to.
  const forAll = pointers.filter(({ tenant, model }) => tenant === null && model === null);
  const isEverywhere =
    forAll.length > 0 && forAll.every(({ active }) => active === `${prompt}@${newest?.version}`);
  return (
    <>
      <OfferedActs
        acts={[
          { name: "Edit", right: edit, tone: "primary", onAct: () => go(editorPath(prompt)) },
          {
            name: start.allowed ? "Start a rollout" : "Ask for a rollout",
            right: newest === null || isEverywhere ? undefined : start.allowed ? start : ask,
            onAct: () => go(startPath(prompt, newest?.version ?? 1)),
          },
        ]}
      />
      {newest !== null && (
        <a class="button" href={playPath(prompt)}>
          Try it
        </a>
      )}
      <a class="button" href={usagePath(prompt)}>
        Usage
      </a>
    </>
  );
}

function About({ prompt: { description, tags, archived, pointers } }: { readonly prompt: ShownPrompt }) {
  return (
    <>
      {description !== "" && (
        <p class="lead">
          <ShownText text={description} />
        </p>
      )}
      <p class="sentence">
        {archived ? "It was put away: no version of it is rolled out. " : ""}
        {sentence(pointers)}
      </p>
      {tags.length > 0 && (
        <ul class="inline">
          {tags.map((tag) => (
            <li key={tag}>
              <a href={`/prompts?tag=${encodeURIComponent(tag)}`}>
                <Chip tone="tag">{tag}</Chip>
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** `@7 is live in production. @8 is being tried by 25 % of users.` */
function sentence(pointers: readonly ShownPointer[]): string {
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

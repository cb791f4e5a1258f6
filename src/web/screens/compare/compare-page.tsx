import type { PartChange } from "../../../domain/prompt/version-diff.ts";
import type { VersionDiff } from "../../../domain/shapes/versions.ts";
import { useKept } from "../../data/kept.ts";
import { useResource } from "../../data/resource.ts";
import { Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { UsageLately, useUsageLately } from "../../parts/usage-lately.tsx";
import { PromptLink, VersionLink } from "../../parts/version-link.tsx";
import { address } from "../../route.ts";
import { ChangedPart } from "./changed-part.tsx";
import { WhatBecame } from "./what-became.tsx";
import { useChangeKeys } from "./change-keys.ts";

/** What differs between two versions of a prompt, part by part. */
export function ComparePage({
  prompt,
  from,
  to,
}: {
  readonly prompt: string;
  readonly from: number;
  readonly to: number;
}) {
  useTitle(`${prompt} @${from} to @${to}`);
  const [a, b] = [`${prompt}@${from}`, `${prompt}@${to}`];
  const found = useResource<VersionDiff>(
    `/v1/diff?from=${encodeURIComponent(a)}&to=${encodeURIComponent(b)}`,
  );
  const usage = useUsageLately(prompt);
  const isOneColumn = new URLSearchParams(useKept(address).split("?")[1]).get("view") === "one";
  const move = useChangeKeys();
  return (
    <>
      <PageHead
        title={`What changed from @${from} to @${to}`}
        kicker={<PromptLink prompt={prompt} />}
        acts={
          <>
            <a class="button" href={isOneColumn ? location.pathname : `${location.pathname}?view=one`}>
              {isOneColumn ? "Side by side" : "One column"}
            </a>
            <button type="button" onClick={() => move(-1)}>
              Previous change
            </button>
            <button type="button" onClick={() => move(1)}>
              Next change
            </button>
          </>
        }
      >
        {found.value && <p class="lead">{sentence(found.value)}</p>}
        <p class="note">
          <VersionLink of={a} whole /> to <VersionLink of={b} whole />
        </p>
      </PageHead>
      <Loaded from={found} lines={10}>
        {({ changes }) => (
          <div class={isOneColumn ? "diff one" : "diff"}>
            {changes.map((change) => (
              <ChangedPart key={change.part} change={change} isOneColumn={isOneColumn} />
            ))}
          </div>
        )}
      </Loaded>
      <UsageLately title="How they did, last 7 days" found={usage} versions={[to, from]} />
      {found.value && from !== to && <WhatBecame prompt={prompt} of={[to, from]} />}
    </>
  );
}

/** `2 messages and temperature. 14 tokens more (+6 %).` */
function sentence({ same, from, to, changes, tokens: { before, after } }: VersionDiff): string {
  if (same) return `${from} and ${to} say the same. They differ in nothing.`;
  const messages = changes.filter(({ part }) => part.startsWith("messages[")).length;
  const others = changes.filter(({ part }) => !part.startsWith("messages[")).map(partName);
  const parts = [...(messages > 0 ? [messages === 1 ? "1 message" : `${messages} messages`] : []), ...others];
  return `${listed(parts)}. ${tokens(before, after)}`;
}

function tokens(before: number, after: number): string {
  const more = after - before;
  if (more === 0) return "As many tokens as before.";
  const relative =
    before > 0 ? ` (${more > 0 ? "+" : "−"}${Math.abs(Math.round((more / before) * 100))} %)` : "";
  const count = Math.abs(more).toLocaleString("en");
  return `${count} ${Math.abs(more) === 1 ? "token" : "tokens"} ${more > 0 ? "more" : "fewer"}${relative}.`;
}

function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  const before = parts.slice(0, -1);
  const text = before.length > 0 ? `${before.join(", ")} and ${last}` : last;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function partName({ part }: PartChange): string {
  return part.replace(/^params\./, "").replaceAll("_", " ");
}

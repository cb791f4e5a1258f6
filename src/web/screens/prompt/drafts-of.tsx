import type { ListedDraft } from "../../../domain/shapes/drafts.ts";
import type { Page } from "../../data/page.ts";
import { type Resource, useResource } from "../../data/resource.ts";
import { whatChanged } from "../../data/stream.ts";
import { Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { editorPath } from "../../route.ts";

export function useDraftsOf(prompt: string): Resource<Page<ListedDraft>> {
  return useResource(`/v1/drafts?prompt=${encodeURIComponent(prompt)}&limit=10`, whatChanged);
}

/** Who is writing a next version of it; nothing where nobody is. */
export function DraftsOf({
  prompt,
  found,
}: {
  readonly prompt: string;
  readonly found: Resource<Page<ListedDraft>>;
}) {
  const drafts = found.value?.items ?? [];
  if (drafts.length === 0) return null;
  return (
    <Section title="Drafts">
      <ul class="drafts card">
        {drafts.map(({ draftId, owner, mine, base, updatedAt }) => (
          <li key={draftId}>
            <a href={editorPath(prompt, { draft: draftId })}>{mine ? "Yours" : `${owner}’s`}</a>{" "}
            <span class="note">
              {base === null ? "" : `from @${base}, `}
              <Time at={updatedAt} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

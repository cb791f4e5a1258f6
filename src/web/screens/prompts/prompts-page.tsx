import { useEffect, useState } from "preact/hooks";
import type { ListedPrompt } from "../../../domain/shapes/prompts.ts";
import { useKept } from "../../data/kept.ts";
import { usePages } from "../../data/pages.ts";
import { Empty, Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { Pager } from "../../parts/pager.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink, VersionLink } from "../../parts/version-link.tsx";
import { address, go } from "../../route.ts";

const TYPED_MS = 150;

const COLUMNS: readonly Column<ListedPrompt>[] = [
  {
    head: "Prompt",
    isName: true,
    cell: ({ prompt, description }) => (
      <>
        <PromptLink prompt={prompt} />
        {description !== "" && <span class="note block">{description}</span>}
      </>
    ),
  },
  {
    head: "Newest",
    cell: ({ newest, prompt }) =>
      newest ? <VersionLink of={`${prompt}@${newest.version}`} /> : <span class="note">none</span>,
  },
  { head: "Live", cell: ({ live }) => <LiveIn live={live} /> },
  {
    head: "Last change",
    align: "right",
    cell: ({ newest }) => newest && <Time at={newest.createdAt} />,
  },
];

function LiveIn({ live }: Pick<ListedPrompt, "live">) {
  if (live.length === 0) return <span class="note">nowhere</span>;
  return (
    <ul class="inline">
      {live.map(({ scope, version }) => (
        <li key={scope}>
          <VersionLink of={version} /> <span class="note">{scope}</span>
        </li>
      ))}
    </ul>
  );
}

/** All prompts, by how their names begin. */
export function PromptsPage() {
  useTitle("Prompts");
  const query = new URLSearchParams(useKept(address).split("?")[1]);
  const [q, tag] = [query.get("q") ?? "", query.get("tag")];
  const asked = new URLSearchParams({ limit: "50", ...(q && { prefix: q }), ...(tag && { tag }) });
  const pages = usePages<ListedPrompt>(`/v1/prompts?${asked}`);
  return (
    <>
      <PageHead title="Prompts" acts={<SearchBox q={q} />} />
      <Loaded from={pages.resource} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty
              text={q === "" ? "There is no prompt yet." : `No prompt's name begins with “${q}”.`}
              {...(q === "" && { command: "sluice init my-prompt" })}
            />
          ) : (
            <Table caption="Prompts" columns={COLUMNS} rows={items} keyOf={({ prompt }) => prompt} />
          )
        }
      </Loaded>
      <Pager pages={pages} />
    </>
  );
}

function SearchBox({ q }: { readonly q: string }) {
  const [text, setText] = useState(q);
  useEffect(() => {
    if (text === q) return undefined;
    const timer = setTimeout(
      () => go(text === "" ? "/prompts" : `/prompts?${new URLSearchParams({ q: text })}`, "replace"),
      TYPED_MS,
    );
    return () => clearTimeout(timer);
  }, [text, q]);
  return (
    <label class="search">
      <span>Find</span>
      <input
        type="search"
        value={text}
        placeholder="How a name begins"
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  );
}

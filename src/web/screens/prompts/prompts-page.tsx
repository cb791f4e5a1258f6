import type { PromptLine } from "../../../domain/shapes/prompts.ts";
import { usePages } from "../../data/pages.ts";
import { Empty, Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { Pager } from "../../parts/pager.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink, VersionLink } from "../../parts/version-link.tsx";
import { TypedField } from "../../parts/typed-field.tsx";
import { changeQuery, useQuery, withQuery } from "../../route.ts";
import { NewPromptButton } from "../editor/new-prompt-button.tsx";

const COLUMNS: readonly Column<PromptLine>[] = [
  {
    head: "Prompt",
    isName: true,
    cell: ({ prompt, description }) => (
      <>
        <PromptLink prompt={prompt} />
        {description !== "" && (
          <span class="note block">
            <ShownText text={description} />
          </span>
        )}
      </>
    ),
  },
  {
    head: "Newest",
    cell: ({ newest, prompt }) =>
      newest ? <VersionLink of={`${prompt}@${newest.version}`} /> : <span class="note">none</span>,
  },
  { head: "Live", cell: ({ live }) => <LiveIn live={live} /> },
  { head: "Calls, 7 days", align: "right", cell: ({ calls }) => calls.toLocaleString("en") },
  {
    head: "Last change",
    align: "right",
    cell: ({ newest }) => newest && <Time at={newest.createdAt} />,
  },
];

function LiveIn({ live }: Pick<PromptLine, "live">) {
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

/** All prompts, by what is in their names, descriptions and tags. */
export function PromptsPage() {
  useTitle("Prompts");
  const query = useQuery();
  const [q, tag, label] = ["q", "tag", "label"].map((name) => query.get(name) ?? "") as [
    string,
    string,
    string,
  ];
  const pages = usePages<PromptLine>(withQuery("/v1/prompts", { limit: "50", q, tag, label }));
  const isFiltered = q + tag + label !== "";
  return (
    <>
      <PageHead
        title="Prompts"
        acts={
          <>
            <div class="search">
              <TypedField
                label="Find"
                placeholder="Name, description or tag"
                value={q}
                onTyped={(text) => changeQuery({ q: text })}
              />
            </div>
            <NewPromptButton />
          </>
        }
      >
        {tag !== "" && (
          <p class="lead">
            Tagged “{tag}”. <a href={withQuery("/prompts", { q, label })}>All tags</a>
          </p>
        )}
      </PageHead>
      <Loaded from={pages.resource} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty
              text={isFiltered ? "No prompt is like that." : "There is no prompt yet."}
              {...(!isFiltered && { command: "sluice init my-prompt" })}
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

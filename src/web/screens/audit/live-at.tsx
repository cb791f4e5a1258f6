import type { PastPointer } from "../../../domain/shapes/pointers.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { Empty, Loaded, Section } from "../../parts/page.tsx";
import { scopeName } from "../../parts/scope-name.ts";
import { ShownText } from "../../parts/shown-text.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink, VersionLink } from "../../parts/version-link.tsx";
import { changeQuery, withQuery } from "../../route.ts";

const nothing = <span class="note">–</span>;
const MOST_ROWS = 50;

const COLUMNS: readonly Column<PastPointer>[] = [
  {
    head: "Prompt",
    isName: true,
    cell: ({ prompt }) => (prompt === null ? "every prompt" : <PromptLink prompt={prompt} />),
  },
  { head: "Where", cell: (one) => scopeName(one) },
  { head: "Served", cell: ({ active }) => (active === null ? nothing : <VersionLink of={active} />) },
  {
    head: "Also",
    cell: ({ candidate, share }) =>
      candidate === null ? (
        nothing
      ) : (
        <>
          <VersionLink of={candidate} /> to {share} %
        </>
      ),
  },
  {
    head: "Made so",
    cell: ({ since, by, reason }) =>
      since === null ? (
        nothing
      ) : (
        <>
          <Time at={since} />
          {by !== null && <span class="note block">by {by}</span>}
          {reason !== null && reason !== "" && (
            <span class="note block">
              “<ShownText text={reason} />”
            </span>
          )}
        </>
      ),
  },
  { head: "Revision", align: "right", cell: ({ revision }) => revision },
];

/** What users got at a moment of the past, by the audit log; the moment is in the address, the reader's zone is meant. */
export function LiveAt({ query }: { readonly query: URLSearchParams }) {
  const text = query.get("at") ?? "";
  const prompt = query.get("prompt") ?? "";
  const at = momentOf(text);
  const found = useResource<Page<PastPointer>>(
    at && withQuery("/v1/pointers/past", { at: at.toISOString(), prompt }),
  );
  return (
    <Section title="What was live at a moment">
      <form class="filters card" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>Moment</span>
          <input
            type="datetime-local"
            step="any"
            value={text}
            onChange={(event) => changeQuery({ at: event.currentTarget.value })}
          />
        </label>
        {text !== "" && (
          <button type="button" class="small" onClick={() => changeQuery({ at: "" })}>
            Clear
          </button>
        )}
        <p class="note">{prompt === "" ? "Of all prompts." : `Of ${prompt}, as above.`}</p>
      </form>
      {at && (
        <Loaded from={found} lines={4}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty text="Nothing was live then." />
            ) : (
              <>
                <Table
                  caption="What was live"
                  columns={COLUMNS}
                  rows={items.slice(0, MOST_ROWS)}
                  keyOf={({ prompt: name, label, model, tenant }) =>
                    JSON.stringify([name, label, model, tenant])
                  }
                />
                {items.length > MOST_ROWS && (
                  <p class="note after-table">
                    The first {MOST_ROWS} of {items.length.toLocaleString("en")}; choose a prompt above.
                  </p>
                )}
              </>
            )
          }
        </Loaded>
      )}
    </Section>
  );
}

/** Undefined where the text is no moment. */
function momentOf(text: string): Date | undefined {
  const at = new Date(text);
  return text === "" || Number.isNaN(at.getTime()) ? undefined : at;
}

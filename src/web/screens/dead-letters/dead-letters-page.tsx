import { useState } from "preact/hooks";
import { sayLetter } from "../../../domain/plain/say-letter.ts";
import type { DeadLetterRow, ShownLetter } from "../../../domain/shapes/dead-letters.ts";
import { counted } from "../../../domain/text/counted.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { whatChanged } from "../../data/stream.ts";
import { Chip } from "../../parts/chip.tsx";
import { Empty, Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { letterPath, useQuery } from "../../route.ts";
import { RedriveMany } from "./redrive-many.tsx";

/** More than that nobody looks through; closing some shows the rest. */
const MOST_SHOWN = 50;

/** What could not be done. */
export function DeadLettersPage() {
  const isAll = useQuery().get("state") === "all";
  const found = useResource<Page<ShownLetter>>(`/v1/dead-letters${isAll ? "?all=true" : ""}`, whatChanged);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  useTitle("Dead letters");
  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));
  return (
    <>
      <PageHead
        title="Dead letters"
        acts={
          <nav class="filter" aria-label="Which dead letters">
            <a href="/dead-letters" {...(!isAll && { "aria-current": "true" as const })}>
              Open
            </a>
            <a href="/dead-letters?state=all" {...(isAll && { "aria-current": "true" as const })}>
              All
            </a>
          </nav>
        }
      >
        <p class="lead">What could not be done, with everything that it takes to do it again.</p>
      </PageHead>
      <Loaded from={found} lines={6}>
        {({ items }) => {
          const mayRedrive = items.some(({ can }) => can.redrive.allowed);
          return items.length === 0 ? (
            <Empty text={isAll ? "Nothing was ever stuck." : "Nothing is stuck."} />
          ) : (
            <>
              {mayRedrive && (
                <RedriveMany
                  letters={items.filter(({ id }) => chosen.includes(id))}
                  onDone={() => {
                    setChosen([]);
                    found.reload();
                  }}
                />
              )}
              <Table
                caption="Dead letters"
                columns={columnsOf(chosen, toggle).slice(mayRedrive ? 0 : 1)}
                rows={items.slice(0, MOST_SHOWN)}
                keyOf={({ id }) => id}
              />
              {items.length > MOST_SHOWN && (
                <p class="after-table note">
                  {counted(items.length - MOST_SHOWN, "newer one is", "newer ones are")} not shown.
                </p>
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function columnsOf(chosen: readonly string[], toggle: (id: string) => void): readonly Column<ShownLetter>[] {
  return [
    {
      head: "Choose",
      cell: ({ id, can }) =>
        can.redrive.allowed && (
          <label class="tick">
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={() => toggle(id)}
              aria-label={`Choose ${id.slice(0, 8)}`}
            />
          </label>
        ),
    },
    {
      head: "What could not be done",
      isName: true,
      cell: (letter) => <a href={letterPath(letter.id)}>{sayLetter(letter).undone}</a>,
    },
    { head: "Why", cell: ({ error }) => <ShownText text={error.message} /> },
    {
      head: "Prompt",
      cell: ({ prompt }) =>
        prompt === null ? <span class="note">none</span> : <PromptLink prompt={prompt} />,
    },
    { head: "State", cell: ({ status }) => <LetterChip status={status} /> },
    { head: "Since", align: "right", cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}

/** Of its state, in words. */
export function LetterChip({ status }: Pick<DeadLetterRow, "status">) {
  if (status === "open") return <Chip tone="needs">open</Chip>;
  return status === "redriven" ? <Chip tone="good">done again</Chip> : <Chip tone="plain">closed</Chip>;
}

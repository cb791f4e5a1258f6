import type { ListedRollout } from "../../../domain/shapes/rollouts.ts";
import { usePages } from "../../data/pages.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Empty, Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { Pager } from "../../parts/pager.tsx";
import { scopeName } from "../../parts/scope-name.ts";
import { ShareBar } from "../../parts/share-bar.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { rolloutPath, useQuery, withQuery } from "../../route.ts";

const COLUMNS: readonly Column<ListedRollout>[] = [
  {
    head: "Version",
    isName: true,
    cell: ({ candidate, rolloutId }) => <a href={rolloutPath(rolloutId)}>{candidate}</a>,
  },
  { head: "Where", cell: scopeName },
  {
    head: "State",
    cell: ({ outcome, phase, paused }) => <StateChip state={outcome ?? (paused ? "paused" : phase)} />,
  },
  {
    head: "Users",
    cell: ({ outcome, share }) =>
      outcome === null ? <ShareBar share={share} /> : <span class="note">ended</span>,
  },
  { head: "By", cell: ({ startedBy }) => startedBy },
  { head: "Started", align: "right", cell: ({ startedAt }) => <Time at={startedAt} /> },
];

/** All rollouts, the newest first; those that run, alone, where the address says so. */
export function RolloutsPage() {
  useTitle("Rollouts");
  const query = useQuery();
  const label = query.get("label") ?? "";
  const isRunning = query.get("state") === "running";
  const pages = usePages<ListedRollout>(
    withQuery("/v1/rollouts", { limit: "50", label, running: isRunning ? "true" : "" }),
  );
  return (
    <>
      <PageHead
        title="Rollouts"
        acts={
          <nav class="filter" aria-label="Which rollouts">
            <a
              href={withQuery("/rollouts", { label })}
              {...(!isRunning && { "aria-current": "true" as const })}
            >
              All
            </a>
            <a
              href={withQuery("/rollouts", { state: "running", label })}
              {...(isRunning && { "aria-current": "true" as const })}
            >
              Running
            </a>
          </nav>
        }
      />
      <Loaded from={pages.resource} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty
              text={isRunning ? "Nothing is being rolled out." : "Nothing was rolled out yet."}
              command="sluice rollout start NAME@2"
            />
          ) : (
            <Table caption="Rollouts" columns={COLUMNS} rows={items} keyOf={({ rolloutId }) => rolloutId} />
          )
        }
      </Loaded>
      <Pager pages={pages} />
    </>
  );
}

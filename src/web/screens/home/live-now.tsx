import type { LivePrompt } from "../../../domain/shapes/overview.ts";
import { Sparkline } from "../../chart/sparkline.tsx";
import { percentage } from "../../parts/numbers.ts";
import { scopeName } from "../../parts/scope-name.ts";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink, VersionLink } from "../../parts/version-link.tsx";

const none = <span class="note">–</span>;

const COLUMNS: readonly Column<LivePrompt>[] = [
  { head: "Prompt", isName: true, cell: ({ prompt }) => <PromptLink prompt={prompt} /> },
  {
    head: "Where",
    cell: (line) => (
      <>
        {scopeName(line)}
        {line.moreScopes > 0 && <span class="note"> + {line.moreScopes} more</span>}
      </>
    ),
  },
  { head: "Live", cell: ({ version }) => <VersionLink of={version} /> },
  {
    head: "Since",
    cell: ({ since, by }) =>
      since === null ? (
        none
      ) : (
        <>
          <Time at={since} />
          {by !== null && <span class="note block">by {by}</span>}
        </>
      ),
  },
  {
    head: "Calls, 24 h",
    align: "right",
    cell: ({ day, week }) => (
      <span class="with-spark">
        {day.calls.toLocaleString("en")}
        <Sparkline values={week.map(({ calls }) => calls)} />
      </span>
    ),
  },
  {
    head: "Rating",
    align: "right",
    cell: ({ day, week }) =>
      day.rating === null ? (
        none
      ) : (
        <span class="with-spark">
          {day.rating.toFixed(2)}
          <Sparkline values={week.map(({ rating }) => rating)} />
        </span>
      ),
  },
  {
    head: "Errors",
    align: "right",
    cell: ({ day }) => (day.errors === null ? none : percentage(day.errors)),
  },
];

/** What users get, a line a prompt and label; tenants and models are counted. */
export function LiveNow({ live }: { readonly live: readonly LivePrompt[] }) {
  return (
    <Table
      caption="What is live"
      columns={COLUMNS}
      rows={live}
      keyOf={({ prompt, label }) => `${label} ${prompt}`}
    />
  );
}

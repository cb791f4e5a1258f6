import type { ListedPointer } from "../../../domain/shapes/pointers.ts";
import { Empty } from "../../parts/page.tsx";
import { scopeName } from "../../parts/scope-name.ts";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { VersionLink } from "../../parts/version-link.tsx";
import { rolloutPath } from "../../route.ts";

const nothing = <span class="note">–</span>;

const COLUMNS: readonly Column<ListedPointer>[] = [
  { head: "Where", isName: true, cell: scopeName },
  { head: "Serves", cell: ({ active }) => (active ? <VersionLink of={active} /> : nothing) },
  { head: "Before", cell: ({ previous }) => (previous ? <VersionLink of={previous} /> : nothing) },
  {
    head: "Also",
    cell: ({ candidate, share, rolloutId }) =>
      candidate ? (
        <>
          <VersionLink of={candidate} /> to {share} %
          {rolloutId !== null && (
            <>
              {" "}
              (<a href={rolloutPath(rolloutId)}>rollout</a>)
            </>
          )}
        </>
      ) : (
        nothing
      ),
  },
  { head: "Since", cell: ({ updatedAt }) => <Time at={updatedAt} /> },
  { head: "Revision", align: "right", cell: ({ revision }) => revision },
];

/** All users first, then tenants and models. */
export function WhereLive({ pointers }: { readonly pointers: readonly ListedPointer[] }) {
  if (pointers.length === 0) return <Empty text="It is live nowhere." />;
  return (
    <Table
      caption="Where it is live"
      columns={COLUMNS}
      rows={pointers}
      keyOf={({ label, tenant, model }) => `${label} ${tenant ?? ""} ${model ?? ""}`}
    />
  );
}

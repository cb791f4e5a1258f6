import { useState } from "preact/hooks";
import type { PointerAct, PromptPointer } from "../../../domain/shapes/overview.ts";
import type { Rights } from "../../../domain/shapes/rights.ts";
import { Command, Empty } from "../../parts/page.tsx";
import { scopeName } from "../../parts/scope-name.ts";
import { type Column, Table } from "../../parts/table.tsx";
import { Time, useNow } from "../../parts/time.tsx";
import { VersionLink } from "../../parts/version-link.tsx";
import { rolloutPath, withQuery } from "../../route.ts";
import { quoted } from "../../acts/act-dialog.tsx";
import { RollBackDialog } from "../../acts/roll-back-dialog.tsx";
import { OfferedActs } from "../../acts/offered.tsx";

export interface ShownPointer extends PromptPointer {
  readonly can: Rights<PointerAct>;
}

const nothing = <span class="note">–</span>;

const COLUMNS: readonly Column<ShownPointer>[] = [
  {
    head: "Where",
    isName: true,
    cell: (pointer) => (
      <>
        {scopeName(pointer)}
        {pointer.protected && <span class="note block">protected: releasers move it</span>}
      </>
    ),
  },
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
  {
    head: "Since",
    cell: ({ since, updatedAt, by }) => (
      <>
        <Time at={since ?? updatedAt} />
        {by !== null && <span class="note block">by {by}</span>}
      </>
    ),
  },
  {
    head: "Services",
    cell: ({ services: { live, confirmed } }) => (live === 0 ? nothing : `${confirmed} of ${live}`),
  },
  { head: "Revision", align: "right", cell: ({ revision }) => revision },
];

/** What else there is of one scope: its past, and how a service or a terminal asks for it. */
function More({ prompt, pointer }: { readonly prompt: string; readonly pointer: ShownPointer }) {
  const { label, tenant, model } = pointer;
  const now = useNow();
  const command = [
    `sluice resolve ${prompt} --label ${label}`,
    ...(tenant === null ? [] : [`--tenant ${quoted(tenant)}`]),
    ...(model === null ? [] : [`--model ${quoted(model)}`]),
  ].join(" ");
  return (
    <details class="row-more">
      <summary>
        More<span class="heard"> about {scopeName(pointer)}</span>
      </summary>
      <a href={withQuery("/audit", { prompt, label })}>What happened here</a>
      <a href={withQuery("/audit", { prompt, label, at: localMinute(now) })}>What was live at a moment</a>
      <Command text={command} />
    </details>
  );
}

/** As a field for a moment has it, in the reader's zone. */
function localMinute(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** All users first, then tenants and models. */
export function WhereLive({
  prompt,
  pointers,
  onChange,
}: {
  readonly prompt: string;
  readonly pointers: readonly ShownPointer[];
  readonly onChange: () => void;
}) {
  const [rolledBack, setRolledBack] = useState<ShownPointer>();
  if (pointers.length === 0) return <Empty text="It is live nowhere." />;
  const act: Column<ShownPointer> = {
    head: "Acts",
    align: "right",
    cell: (pointer) => (
      <>
        <OfferedActs
          acts={[
            {
              name: "Roll back…",
              right: pointer.can.rollBack,
              isSmall: true,
              onAct: () => setRolledBack(pointer),
            },
          ]}
        />
        <More prompt={prompt} pointer={pointer} />
      </>
    ),
  };
  return (
    <>
      <Table
        caption="Where it is live"
        columns={[...COLUMNS, act]}
        rows={pointers}
        keyOf={({ label, tenant, model }) => `${label} ${tenant ?? ""} ${model ?? ""}`}
      />
      {rolledBack && (
        <RollBackDialog
          scope={{ ...rolledBack, prompt }}
          gets={rolledBack.candidate === null ? rolledBack.previous : rolledBack.active}
          what={rolledBack.candidate ?? rolledBack.active ?? prompt}
          onClose={() => {
            setRolledBack(undefined);
            onChange();
          }}
        />
      )}
    </>
  );
}

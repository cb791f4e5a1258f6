import { useState } from "preact/hooks";
import { counted } from "../../../domain/text/counted.ts";
import type { ListedLabel } from "../../../domain/shapes/labels.ts";
import { ActDialog, quoted } from "../../acts/act-dialog.tsx";
import type { Page } from "../../data/page.ts";
import { useKept } from "../../data/kept.ts";
import { useResource } from "../../data/resource.ts";
import { ask } from "../../data/send.ts";
import { signedIn } from "../../data/session.ts";
import { Chip } from "../../parts/chip.tsx";
import { Empty, Loaded, Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";

/** Labels, and which of them a releaser alone may move. */
export function LabelsPart() {
  const found = useResource<Page<ListedLabel>>("/v1/labels");
  const [changed, setChanged] = useState<ListedLabel>();
  const mayChange = useKept(signedIn)?.permissions.includes("administer") ?? false;
  const columns: readonly Column<ListedLabel>[] = [
    { head: "Label", isName: true, cell: ({ label }) => label },
    {
      head: "Who moves it",
      cell: (one) =>
        one.protected ? (
          <Chip tone="calm">protected: releasers alone</Chip>
        ) : (
          <Chip tone="plain">editors and releasers</Chip>
        ),
    },
    {
      head: "A move by a tool that knows no rollouts",
      cell: ({ onDirectMove, protected: isProtected }) =>
        !isProtected ? "is done" : onDirectMove === "rollout" ? "becomes a rollout" : "is refused",
    },
    {
      head: "In use",
      cell: ({ scopes }) =>
        scopes === undefined ? (
          <span class="note">–</span>
        ) : scopes === 0 ? (
          "nowhere"
        ) : (
          `in ${counted(scopes, "place")}`
        ),
    },
    {
      head: "Change",
      align: "right",
      cell: (one) => (
        <button
          type="button"
          class="small"
          aria-disabled={!mayChange}
          {...(!mayChange && { "aria-describedby": "labels-why" })}
          onClick={() => {
            if (mayChange) setChanged(one);
          }}
        >
          {one.protected ? "Unprotect…" : "Protect…"}
          <span class="heard"> {one.label}</span>
        </button>
      ),
    },
  ];
  return (
    <Section
      title="Labels"
      note="A protected label is moved by a rollout that a releaser has approved, or by a releaser's own hand."
    >
      <Loaded from={found} lines={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty text="There is no label yet." />
          ) : (
            <Table caption="Labels" columns={columns} rows={items} keyOf={({ label }) => label} />
          )
        }
      </Loaded>
      {!mayChange && (
        <p id="labels-why" class="why-not after-table">
          Protecting labels takes an admin; ask one.
        </p>
      )}
      {changed && (
        <ProtectDialog
          of={changed}
          onClose={() => {
            setChanged(undefined);
            found.reload();
          }}
        />
      )}
    </Section>
  );
}

function ProtectDialog({
  of: { label, protected: isProtected },
  onClose,
}: {
  readonly of: ListedLabel;
  readonly onClose: () => void;
}) {
  const verb = isProtected ? "unprotect" : "protect";
  return (
    <ActDialog
      title={isProtected ? `Take the protection off ${label}?` : `Protect ${label}?`}
      act={isProtected ? "Unprotect" : "Protect"}
      reason="required"
      {...(isProtected && { tone: "danger" as const })}
      consequence={
        <p>
          {isProtected
            ? `From then on every editor can start and release rollouts in ${label}.`
            : `From then on editors ask, and a releaser approves, before any user in ${label} gets something new.`}
        </p>
      }
      command={(reason) => `sluice labels ${verb} ${label} --reason ${quoted(reason || "why")}`}
      onAct={async (reason) => {
        await ask(`/v1/labels/${label}`, { method: "PUT", body: { protected: !isProtected, reason } });
        return <p>{isProtected ? `${label} is not protected any more.` : `${label} is protected.`}</p>;
      }}
      onClose={onClose}
    />
  );
}

import { useState } from "preact/hooks";
import { sayGrants } from "../../../domain/plain/say-roles.ts";
import type { ListedKey } from "../../../domain/shapes/keys.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { Chip } from "../../parts/chip.tsx";
import { Empty, Section } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { useQuery } from "../../route.ts";
import { Administered } from "./administered.tsx";
import { KeyActDialog, type KeyAct } from "./key-act-dialog.tsx";
import { NewKeyDialog } from "./new-key-dialog.tsx";

/** Keys: who may do what over HTTP. */
export function KeysPart() {
  const isAll = useQuery().get("state") === "all";
  const found = useResource<Page<ListedKey>>(`/v1/keys${isAll ? "?all=true" : ""}`);
  const [act, setAct] = useState<KeyAct>();
  const [isMaking, setMaking] = useState(false);
  const close = () => {
    setAct(undefined);
    setMaking(false);
    found.reload();
  };
  return (
    <Section
      title="Keys"
      note="Keys that can do no more than yours. A key itself is shown once, when it is made, and kept nowhere."
    >
      <Administered from={found}>
        {({ items }) => (
          <>
            <div class="toolbar">
              <nav class="filter" aria-label="Which keys">
                <a href="/settings/keys" {...(!isAll && { "aria-current": "true" as const })}>
                  Good
                </a>
                <a href="/settings/keys?state=all" {...(isAll && { "aria-current": "true" as const })}>
                  All
                </a>
              </nav>
              <button type="button" class="primary" onClick={() => setMaking(true)}>
                New key…
              </button>
            </div>
            {items.length === 0 ? (
              <Empty text="There is no key." />
            ) : (
              <Table caption="Keys" columns={columnsOf(setAct)} rows={items} keyOf={({ id }) => id} />
            )}
          </>
        )}
      </Administered>
      {isMaking && <NewKeyDialog onClose={close} />}
      {act && <KeyActDialog {...act} onClose={close} />}
    </Section>
  );
}

const STATES = { good: "good", expired: "plain", revoked: "harm" } as const;

function columnsOf(onAct: (act: KeyAct) => void): readonly Column<ListedKey>[] {
  return [
    {
      head: "Key",
      isName: true,
      cell: ({ name, id }) => (
        <>
          <ShownText text={name} />
          <code class="note block">{id}</code>
        </>
      ),
    },
    { head: "Of", cell: ({ owner }) => <ShownText text={owner} /> },
    {
      head: "Role",
      cell: ({ role, grants }) => (
        <>
          {role}
          <span class="note block">{sayGrants(grants)}</span>
        </>
      ),
    },
    { head: "State", cell: ({ state }) => <Chip tone={STATES[state]}>{state}</Chip> },
    {
      head: "Last used",
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? <span class="note">never</span> : <Time at={lastUsedAt} />,
    },
    {
      head: "Until",
      cell: ({ expiresAt }) =>
        expiresAt === null ? <span class="note">for ever</span> : <Time at={expiresAt} />,
    },
    {
      head: "Change",
      align: "right",
      cell: (key) =>
        key.state === "good" && (
          <span class="acts">
            <button type="button" class="small" onClick={() => onAct({ of: key, act: "rotate" })}>
              Replace…<span class="heard"> {key.name}</span>
            </button>
            <button type="button" class="small" onClick={() => onAct({ of: key, act: "revoke" })}>
              Revoke…<span class="heard"> {key.name}</span>
            </button>
          </span>
        ),
    },
  ];
}

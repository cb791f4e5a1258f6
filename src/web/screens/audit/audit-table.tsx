import { useState } from "preact/hooks";
import { sayAudit } from "../../../domain/plain/say-audit.ts";
import type { AuditLine } from "../../../domain/shapes/audit.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Who } from "../../parts/happened.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { rolloutPath } from "../../route.ts";

const SHORT_HASH = 10;

const COLUMNS: readonly Column<AuditLine>[] = [
  { head: "When", cell: ({ at }) => <Time at={at} /> },
  {
    head: "Who",
    cell: (entry) => (
      <>
        <Who entry={entry} />
        {entry.principal === null && entry.asserted !== null && (
          <span class="note block">by their own word</span>
        )}
      </>
    ),
  },
  {
    head: "What happened",
    isName: true,
    cell: (entry) => (
      <>
        <span class="first-large">{sayAudit(entry)}</span>
        {entry.reason !== null && entry.reason !== "" && (
          <span class="note block">
            “<ShownText text={entry.reason} />”
          </span>
        )}
        <Folded entry={entry} />
      </>
    ),
  },
  {
    head: "Prompt",
    cell: ({ prompt }) =>
      prompt === "" ? <span class="note">labels and keys</span> : <PromptLink prompt={prompt} />,
  },
  {
    head: "Entry",
    align: "right",
    cell: ({ seq, hash }) => (
      <>
        #{seq}
        <code class="note block hash">{hash.slice(0, SHORT_HASH)}</code>
      </>
    ),
  },
];

/** Entries, the newest first. */
export function AuditTable({ entries }: { readonly entries: readonly AuditLine[] }) {
  return (
    <Table
      caption="What happened"
      columns={COLUMNS}
      rows={entries}
      keyOf={({ prompt, seq }) => `${prompt} ${seq}`}
    />
  );
}

/** The rest of an entry is made when somebody looks: of fifty at once it would be most of the page. */
function Folded({ entry }: { readonly entry: AuditLine }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="entry" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>More</summary>
      {isOpen && <More entry={entry} />}
    </details>
  );
}

function More({ entry }: { readonly entry: AuditLine }) {
  const { hash, details, rolloutId, revision, label, tenant, model, actor, principal } = entry;
  const facts: readonly (readonly [string, string | null])[] = [
    ["Label", label],
    ["Tenant", tenant],
    ["Model", model],
    ["Revision", revision === null ? null : String(revision)],
    ["Login", actor],
    ["Proof", principal === null ? "none: by their own word" : `${principal.kind} ${principal.id}`],
  ];
  return (
    <>
      <dl class="facts in-two">
        {facts.flatMap(([name, value]) =>
          value === null
            ? []
            : [
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <ShownText text={value} />
                  </dd>
                </div>,
              ],
        )}
        <div>
          <dt>Hash</dt>
          <dd>
            <code class="hash">{hash}</code> <CopyButton text={hash} of="the hash" />
          </dd>
        </div>
      </dl>
      {rolloutId !== null && (
        <p>
          <a href={rolloutPath(rolloutId)}>The rollout that it is of</a>
        </p>
      )}
      {Object.keys(details).length > 0 && (
        <pre class="text">
          <ShownText text={JSON.stringify(details, null, 2)} />
        </pre>
      )}
    </>
  );
}

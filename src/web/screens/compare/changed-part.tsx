import { useState } from "preact/hooks";
import type { PartChange } from "../../../domain/prompt/version-diff.ts";
import type { DiffPart } from "../../../domain/text/word-diff.ts";
import { sayPart } from "../../../domain/plain/say-part.ts";
import { ShownText } from "../../parts/shown-text.tsx";
import { type DiffRow, rowsOf } from "./diff-rows.ts";

const KINDS = { added: "is new", removed: "is gone", changed: "changed" } as const;

/** One part of a version that differs: its lines beside each other, or one below the other. */
export function ChangedPart({
  change,
  isOneColumn,
}: {
  readonly change: PartChange;
  readonly isOneColumn: boolean;
}) {
  const rows = rowsOf(change.lines);
  return (
    <section class="changed-part">
      <h2>
        {sayPart(change.part)} <span class="note">{KINDS[change.kind]}</span>
      </h2>
      <div class="diff-rows">
        {rows.map((row, index) => (
          <Row key={index} row={row} isOneColumn={isOneColumn} />
        ))}
      </div>
    </section>
  );
}

function Row({ row, isOneColumn }: { readonly row: DiffRow; readonly isOneColumn: boolean }) {
  if (row.kind === "folded") return <Folded lines={row.lines} isOneColumn={isOneColumn} />;
  if (row.kind === "same") return <Same text={row.text} isOneColumn={isOneColumn} />;
  const start = row.begins ? { "data-change": "", tabIndex: -1 } : {};
  return (
    <div class="diff-row" {...start}>
      {(row.before || !isOneColumn) && <Side kind="removed" parts={row.before} />}
      {(row.after || !isOneColumn) && <Side kind="added" parts={row.after} />}
    </div>
  );
}

function Same({ text, isOneColumn }: { readonly text: string; readonly isOneColumn: boolean }) {
  const line = (
    <div class="line same">
      <ShownText text={text} />
    </div>
  );
  return (
    <div class="diff-row">
      {line}
      {/* The other side says the same: it is there to be seen and copied, not to be heard twice. */}
      {!isOneColumn && (
        <div class="line same beside" aria-hidden="true">
          <ShownText text={text} />
        </div>
      )}
    </div>
  );
}

function Side({
  kind,
  parts,
}: {
  readonly kind: "removed" | "added";
  readonly parts: readonly DiffPart[] | undefined;
}) {
  if (!parts) return <div class="line missing" />;
  const Tag = kind === "removed" ? "del" : "ins";
  return (
    <div class={`line ${kind}`}>
      <span class="heard">{kind === "removed" ? "before: " : "after: "}</span>
      {parts.map((part, index) =>
        part.kind === "same" ? (
          <ShownText key={index} text={part.text} />
        ) : (
          <Tag key={index}>
            <ShownText text={part.text} />
          </Tag>
        ),
      )}
    </div>
  );
}

function Folded({
  lines,
  isOneColumn,
}: {
  readonly lines: readonly string[];
  readonly isOneColumn: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen)
    return (
      <>
        {lines.map((text, index) => (
          <Same key={index} text={text} isOneColumn={isOneColumn} />
        ))}
      </>
    );
  return (
    <button type="button" class="folded" onClick={() => setOpen(true)}>
      … {lines.length.toLocaleString("en")} lines the same
    </button>
  );
}

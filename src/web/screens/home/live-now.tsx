import type { ListedPointer } from "../../../domain/shapes/pointers.ts";
import { Empty } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink, promptOf, VersionLink } from "../../parts/version-link.tsx";

interface Line {
  readonly prompt: string;
  readonly label: string;
  readonly pointer: ListedPointer;
  /** Tenants and models that have a pointer of their own. */
  readonly more: number;
}

const COLUMNS: readonly Column<Line>[] = [
  { head: "Prompt", isName: true, cell: ({ prompt }) => <PromptLink prompt={prompt} /> },
  {
    head: "Where",
    cell: ({ label, more }) => (
      <>
        {label}
        {more > 0 && <span class="note"> + {more} more</span>}
      </>
    ),
  },
  { head: "Live", cell: ({ pointer: { active } }) => active && <VersionLink of={active} /> },
  {
    head: "Being tried",
    cell: ({ pointer: { candidate, share } }) =>
      candidate ? (
        <>
          <VersionLink of={candidate} /> by {share} %
        </>
      ) : (
        <span class="note">–</span>
      ),
  },
  { head: "Since", align: "right", cell: ({ pointer }) => <Time at={pointer.updatedAt} /> },
];

/** What users get, a line a prompt and label: tenants and models are counted. */
export function LiveNow({ pointers }: { readonly pointers: readonly ListedPointer[] }) {
  const lines = linesOf(pointers);
  if (lines.length === 0) return <Empty text="Nothing is live yet." />;
  return (
    <Table
      caption="What is live"
      columns={COLUMNS}
      rows={lines}
      keyOf={({ prompt, label }) => `${label} ${prompt}`}
    />
  );
}

function linesOf(pointers: readonly ListedPointer[]): Line[] {
  const lines = new Map<string, Line>();
  for (const pointer of pointers) {
    if (pointer.active === null) continue;
    const prompt = pointer.prompt ?? promptOf(pointer.active);
    const key = `${pointer.label} ${prompt}`;
    const known = lines.get(key);
    const isForAll = pointer.tenant === null && pointer.model === null;
    if (known) lines.set(key, { ...known, more: known.more + 1, ...(isForAll && { pointer }) });
    else lines.set(key, { prompt, label: pointer.label, pointer, more: 0 });
  }
  return [...lines.values()];
}

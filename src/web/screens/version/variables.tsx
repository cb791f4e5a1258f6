import type { VariableSpec } from "../../../domain/prompt/artifact.ts";
import { Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";

type Line = readonly [name: string, spec: VariableSpec];

const COLUMNS: readonly Column<Line>[] = [
  { head: "Variable", isName: true, cell: ([name]) => <code>{name}</code> },
  { head: "Kind", cell: ([, { type }]) => type },
  { head: "Needed", cell: ([, { required }]) => (required ? "yes" : "no") },
  {
    head: "Default",
    cell: ([, { default: usual }]) =>
      usual === undefined ? <span class="note">none</span> : <code>{JSON.stringify(usual)}</code>,
  },
  { head: "Allowed", cell: ([, spec]) => allowed(spec) },
  {
    head: "Comes from",
    cell: ([, { untrusted }]) => (untrusted ? "outside: never becomes an instruction" : "the service"),
  },
];

function allowed({ enum: values, max_length: longest }: VariableSpec): string {
  if (values) return values.map(String).join(", ");
  return longest === undefined ? "anything" : `up to ${longest.toLocaleString("en")} characters`;
}

export function Variables({ variables }: { readonly variables: Readonly<Record<string, VariableSpec>> }) {
  const lines = Object.entries(variables);
  if (lines.length === 0) return null;
  return (
    <Section title="Variables">
      <Table caption="Variables" columns={COLUMNS} rows={lines} keyOf={([name]) => name} />
    </Section>
  );
}

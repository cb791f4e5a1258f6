import type { Caller, Callers, CallerValue } from "../../../domain/shapes/callers.ts";
import { counted, grouped } from "../../../domain/text/counted.ts";
import { type Resource, useResource } from "../../data/resource.ts";
import { Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";

export function useCallersOf(prompt: string): Resource<Callers> {
  return useResource(`/v1/callers?prompt=${encodeURIComponent(prompt)}`);
}

const COLUMNS: readonly Column<Caller>[] = [
  {
    head: "Service",
    isName: true,
    cell: ({ service, label, tenant }) => (
      <>
        {service}
        <span class="note block">
          {label}
          {tenant !== null && `, tenant ${tenant}`}
        </span>
      </>
    ),
  },
  {
    head: "Sends",
    cell: ({ values, calls }) =>
      values.length === 0 ? (
        <span class="note">nothing</span>
      ) : (
        <ul class="inline">
          {values.map((value) => (
            <li key={`${value.kind} ${value.name}`}>
              <code>{value.name}</code> <span class="note">{saidOf(value, calls)}</span>
            </li>
          ))}
        </ul>
      ),
  },
  { head: "Calls", align: "right", cell: ({ calls }) => grouped(calls) },
  { head: "Last seen", cell: ({ lastSeen }) => <Time at={lastSeen} /> },
];

/** `string, up to 4,096`, and where not every call has it, how many do. */
function saidOf({ kind, types, longest, always, calls: sent }: CallerValue, calls: number): string {
  const isMeasured = longest !== null && longest > 0;
  return [
    kind === "placeholder" ? "messages" : types.join(" or "),
    ...(isMeasured ? [`up to ${grouped(longest)}`] : []),
    ...(always ? [] : [`in ${Math.min(100, Math.round((100 * sent) / calls))} % of calls`]),
  ].join(", ");
}

/** Which services render a prompt, and what they send: names, types and lengths, never a value. */
export function CallersOf({ found: { value } }: { readonly found: Resource<Callers> }) {
  if (!value) return null;
  const { callers, days } = value;
  if (callers.length === 0)
    return (
      <p class="note">
        No caller is known from the last {counted(days, "day")}. That there is none, nobody can say.
      </p>
    );
  return (
    <Section title={`Callers, last ${counted(days, "day")}`}>
      <Table
        caption="Callers"
        columns={COLUMNS}
        rows={callers}
        keyOf={({ service, label, tenant }) => `${service} ${label} ${tenant ?? ""}`}
      />
    </Section>
  );
}

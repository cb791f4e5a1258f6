import { versionData } from "../../../domain/addresses/first-data.ts";
import type { ShownVersion } from "../../../domain/shapes/versions.ts";
import { useResource } from "../../data/resource.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Section } from "../../parts/page.tsx";
import { dollars } from "../../parts/numbers.ts";
import { RolloutOfVersion } from "../../parts/rollout-of-version.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { TESTED } from "../../parts/tested.ts";
import { Time } from "../../parts/time.tsx";
import { VersionLink } from "../../parts/version-link.tsx";

const none = (text: string) => <span class="note">{text}</span>;

const COLUMNS: readonly Column<ShownVersion>[] = [
  {
    head: "Version",
    isName: true,
    cell: ({ prompt, version }) => <VersionLink of={`${prompt}@${version}`} />,
  },
  { head: "State", cell: ({ status }) => <StateChip state={status} /> },
  {
    head: "Tests",
    cell: ({ tested }) =>
      tested ? (
        <>
          {TESTED[tested.verdict]}, <Time at={tested.at} />
        </>
      ) : (
        none("not tested")
      ),
  },
  { head: "Rollout", cell: ({ rollout }) => <RolloutOfVersion rollout={rollout} /> },
  { head: "Tokens", align: "right", cell: ({ tokens }) => tokens.toLocaleString("en") },
  {
    head: "Their cost, 1,000 calls",
    align: "right",
    cell: ({ perThousandCalls }) =>
      perThousandCalls === null ? none("not known") : dollars(perThousandCalls),
  },
];

/** What tests and rollouts made of two versions. */
export function WhatBecame({
  prompt,
  of: [one, other],
}: {
  readonly prompt: string;
  readonly of: readonly [number, number];
}) {
  const found = [
    useResource<ShownVersion>(versionData(prompt, one)).value,
    useResource<ShownVersion>(versionData(prompt, other)).value,
  ];
  const versions = found.filter((version) => version !== undefined);
  if (versions.length < found.length) return null;
  return (
    <Section title="What became of them">
      <Table
        caption="What became of them"
        columns={COLUMNS}
        rows={versions}
        keyOf={({ version }) => String(version)}
      />
    </Section>
  );
}

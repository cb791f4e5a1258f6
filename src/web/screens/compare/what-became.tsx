import type { ShownVersion } from "../../../domain/shapes/versions.ts";
import { useResource } from "../../data/resource.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Section } from "../../parts/page.tsx";
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
];

/** What tests and rollouts made of two versions. */
export function WhatBecame({
  prompt,
  of: [one, other],
}: {
  readonly prompt: string;
  readonly of: readonly [number, number];
}) {
  const path = (version: number) => `/v1/prompts/${encodeURIComponent(prompt)}/versions/${version}`;
  const found = [useResource<ShownVersion>(path(one)).value, useResource<ShownVersion>(path(other)).value];
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

import { useState } from "preact/hooks";
import { VERSION_STATUSES } from "../../../domain/prompt/version-status.ts";
import type { ListedVersion } from "../../../domain/shapes/versions.ts";
import { type Pages, usePages } from "../../data/pages.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Empty, Loaded, Section } from "../../parts/page.tsx";
import { Pager } from "../../parts/pager.tsx";
import { RolloutOfVersion } from "../../parts/rollout-of-version.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { TESTED } from "../../parts/tested.ts";
import { ShownText } from "../../parts/shown-text.tsx";
import { Time } from "../../parts/time.tsx";
import { VersionLink } from "../../parts/version-link.tsx";
import { TypedField } from "../../parts/typed-field.tsx";
import { changeQuery, comparePath, go, useQuery, versionPath, withQuery } from "../../route.ts";

/** A prompt's versions, page by page, of the state and author that the address asks for. */
export function useVersionsOf(prompt: string): Pages<ListedVersion> {
  const query = useQuery();
  const [status, author] = [query.get("status") ?? "", query.get("author") ?? ""];
  const path = `/v1/prompts/${encodeURIComponent(prompt)}/versions`;
  return usePages(withQuery(path, { limit: "50", status, author }));
}

/** The newest first; any two can be compared, whatever pages they are on. */
export function VersionsTable({
  prompt,
  pages,
}: {
  readonly prompt: string;
  readonly pages: Pages<ListedVersion>;
}) {
  const query = useQuery();
  const [status, author] = [query.get("status") ?? "", query.get("author") ?? ""];
  const [chosen, setChosen] = useState<readonly number[]>([]);
  // A third choice takes the place of the oldest one.
  const choose = (version: number) =>
    setChosen((before) =>
      before.includes(version) ? before.filter((one) => one !== version) : [...before, version].slice(-2),
    );
  const [one, other] = chosen.toSorted((a, b) => a - b);
  return (
    <Section title="Versions" note="Tokens are compared with those of the version that is live.">
      <div class="toolbar">
        <GoToVersion prompt={prompt} />
        <label class="inline-choice">
          <span>State</span>
          <select value={status} onChange={(event) => changeQuery({ status: event.currentTarget.value })}>
            <option value="">any</option>
            {VERSION_STATUSES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <TypedField label="By" value={author} onTyped={(typed) => changeQuery({ author: typed })} />
        {one !== undefined && other !== undefined ? (
          <a class="button primary" href={comparePath(prompt, one, other)}>
            Compare @{one} and @{other}
          </a>
        ) : (
          <p class="note" role="status">
            {one === undefined ? "Choose two to compare them." : `@${one} is chosen. Choose another one.`}
          </p>
        )}
      </div>
      <Loaded from={pages.resource} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            status === "" && author === "" ? (
              <Empty text="It has no version yet." command={`sluice push ${prompt}`} />
            ) : (
              <Empty text="No version is like that." />
            )
          ) : (
            <Table
              caption="Versions"
              columns={columnsOf(prompt, liveOf(items), chosen, choose)}
              rows={items}
              keyOf={({ versionId }) => versionId}
            />
          )
        }
      </Loaded>
      <Pager pages={pages} />
    </Section>
  );
}

function columnsOf(
  prompt: string,
  live: ListedVersion | undefined,
  chosen: readonly number[],
  choose: (version: number) => void,
): readonly Column<ListedVersion>[] {
  return [
    {
      head: "Compare",
      cell: ({ version }) => (
        <label class="tick">
          <input
            type="checkbox"
            checked={chosen.includes(version)}
            onChange={() => choose(version)}
            aria-label={`Compare @${version}`}
          />
        </label>
      ),
    },
    { head: "Version", isName: true, cell: ({ version }) => <VersionLink of={`${prompt}@${version}`} /> },
    { head: "State", cell: ({ status }) => <StateChip state={status} /> },
    {
      head: "What changed",
      cell: ({ message, author }) => (
        <>
          {message === "" ? <span class="note">no message</span> : <ShownText text={message} />}
          <span class="note block">{author}</span>
        </>
      ),
    },
    {
      head: "Tests",
      cell: ({ tested }) => (tested ? TESTED[tested.verdict] : <span class="note">not tested</span>),
    },
    { head: "Rollout", cell: ({ rollout }) => <RolloutOfVersion rollout={rollout} /> },
    {
      head: "Tokens",
      align: "right",
      cell: ({ tokens, version }) => (
        <>
          {tokens.toLocaleString("en")}
          {live && live.version !== version && (
            <span class="note block">
              {moreTokens(tokens, live.tokens)}
              <span class="heard"> than @{live.version}, which is live</span>
            </span>
          )}
        </>
      ),
    },
    { head: "When", align: "right", cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}

/** What the others are measured against: what all users of production get, else what is live anywhere. */
function liveOf(versions: readonly ListedVersion[]): ListedVersion | undefined {
  return (
    versions.find(({ live }) => live.includes("production")) ?? versions.find(({ live }) => live.length > 0)
  );
}

/** `+14 (+6 %)`. */
function moreTokens(tokens: number, live: number): string {
  const more = tokens - live;
  if (more === 0) return "as many";
  const sign = more > 0 ? "+" : "−";
  const part = live === 0 ? "" : ` (${sign}${Math.abs(Math.round((more / live) * 100))} %)`;
  return `${sign}${Math.abs(more).toLocaleString("en")}${part}`;
}

function GoToVersion({ prompt }: { readonly prompt: string }) {
  return (
    <form
      class="go-to"
      onSubmit={(event) => {
        event.preventDefault();
        const number = new FormData(event.currentTarget).get("version");
        if (typeof number === "string" && /^[1-9]\d*$/.test(number)) go(versionPath(`${prompt}@${number}`));
      }}
    >
      <label>
        Go to version <input name="version" inputMode="numeric" pattern="[1-9][0-9]*" size={6} required />
      </label>
      <button type="submit">Go</button>
    </form>
  );
}

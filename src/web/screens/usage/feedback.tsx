import { useState } from "preact/hooks";
import type { ListedFeedback } from "../../../domain/shapes/feedback.ts";
import { usePages } from "../../data/pages.ts";
import { Empty, Loaded, Section } from "../../parts/page.tsx";
import { Pager } from "../../parts/pager.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { Time } from "../../parts/time.tsx";
import { withQuery } from "../../route.ts";

/** What users wrote, as they wrote it: text, and nothing else. */
export function Feedback({
  prompt,
  since,
  versions,
  ratings,
}: {
  readonly prompt: string;
  readonly since: string;
  readonly versions: readonly number[];
  readonly ratings: readonly number[];
}) {
  const [version, setVersion] = useState("");
  const [rating, setRating] = useState("");
  const pages = usePages<ListedFeedback>(
    withQuery("/v1/feedback", { prompt, since, version, rating, limit: "50" }),
  );
  return (
    <Section title="What users wrote">
      <div class="toolbar">
        <label class="inline-choice">
          <span>Of</span>
          <select value={version} onChange={(event) => setVersion(event.currentTarget.value)}>
            <option value="">every version</option>
            {versions.map((one) => (
              <option key={one} value={String(one)}>
                @{one}
              </option>
            ))}
          </select>
        </label>
        {ratings.length > 0 && (
          <label class="inline-choice">
            <span>Rated</span>
            <select value={rating} onChange={(event) => setRating(event.currentTarget.value)}>
              <option value="">anything</option>
              {ratings.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      <Loaded from={pages.resource} lines={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty
              text={
                version === "" && rating === ""
                  ? "Nobody wrote anything that was recorded."
                  : "Nothing like that was written in this time."
              }
            />
          ) : (
            <ul class="feedback card">
              {items.map((one) => (
                <Said key={one.outcomeId} one={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Pager pages={pages} />
    </Section>
  );
}

const GROUPS = { candidate: "new version", control: "current version" } as const;

function Said({
  one: { version, receivedAt, arm, metrics, feedback, sample },
}: {
  readonly one: ListedFeedback;
}) {
  const given = Object.entries(metrics).filter(([, value]) => typeof value === "number");
  return (
    <li>
      {feedback !== null && (
        <blockquote>
          <ShownText text={feedback} />
        </blockquote>
      )}
      <p class="note">
        @{version}
        {arm !== null && ` (${GROUPS[arm]})`}, <Time at={receivedAt} />
        {given.slice(0, 4).map(([name, value]) => (
          <span key={name}>
            , <ShownText text={name.replaceAll("_", " ")} /> {String(value)}
          </span>
        ))}
      </p>
      {sample !== null && (
        <details>
          <summary>Show the answer</summary>
          <pre class="text">
            <ShownText text={sampleText(sample)} />
          </pre>
        </details>
      )}
    </li>
  );
}

function sampleText(sample: unknown): string {
  const { output } = (sample ?? {}) as { readonly output?: unknown };
  return typeof output === "string" ? output : JSON.stringify(output ?? sample, null, 2);
}

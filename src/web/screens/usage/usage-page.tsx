import { useState } from "preact/hooks";
import { sayUsage } from "../../../domain/plain/say-usage.ts";
import type { ListedLabel } from "../../../domain/shapes/labels.ts";
import { type Usage, USAGE_BY, type UsageBy } from "../../../domain/shapes/usage.ts";
import { LinesChart } from "../../chart/lines-chart.tsx";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { Empty, Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import { scopeName } from "../../parts/scope-name.ts";
import { useNow } from "../../parts/time.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { changeQuery, useQuery, withQuery } from "../../route.ts";
import { ByTime } from "./by-time.tsx";
import { Feedback } from "./feedback.tsx";
import { HowToRecord } from "./how-to-record.tsx";
import { Ratings, ratingsOf } from "./ratings.tsx";
import { TokenLine } from "./token-line.tsx";
import { MOST_LINES, releaseMarks, usageLines } from "./usage-lines.ts";
import { Watched } from "./watched.tsx";
import { VersionChips } from "./version-chips.tsx";

const DAY_MS = 86_400_000;
const SPANS = [7, 30, 90] as const;
const SHOWN = 2;

/** What a prompt's versions did in the open. */
export function UsagePage({ prompt }: { readonly prompt: string }) {
  useTitle(`Usage of ${prompt}`);
  const query = useQuery();
  const label = query.get("label") ?? "production";
  const asked = USAGE_BY.find((one) => one === query.get("by"));
  const days = SPANS.find((span) => `${span}d` === query.get("since")) ?? SPANS[0];
  // Of the day, so that the same address is asked for again.
  const since = new Date(
    Math.floor(useNow().getTime() / DAY_MS) * DAY_MS - (days - 1) * DAY_MS,
  ).toISOString();
  const [tenant, model] = [query.get("tenant") ?? "", query.get("model") ?? ""];
  const pathBy = (by: UsageBy) => withQuery("/v1/usage", { prompt, label, tenant, model, since, by });
  const first = useResource<Usage>(pathBy(asked ?? "day"));
  // Of a single day its hours say more.
  const isOneDay = asked === undefined && timesOf(first.value) === 1;
  const hourly = useResource<Usage>(isOneDay ? pathBy("hour") : undefined);
  const [found, by]: [typeof first, UsageBy] = isOneDay ? [hourly, "hour"] : [first, asked ?? "day"];
  const labels = useResource<Page<ListedLabel>>("/v1/labels").value?.items.map((one) => one.label) ?? [];
  return (
    <>
      <PageHead
        title={`Usage of ${prompt}`}
        kicker={<PromptLink prompt={prompt} />}
        acts={
          <div class="usage-filters">
            <select
              aria-label="Label"
              value={label}
              onChange={(event) => changeQuery({ label: event.currentTarget.value })}
            >
              {[...new Set([label, ...labels])].map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
            <Only name="tenant" chosen={tenant} names={found.value?.usedBy?.tenants} />
            <Only name="model" chosen={model} names={found.value?.usedBy?.models} />
            <select
              aria-label="How long"
              value={`${days}d`}
              onChange={(event) => changeQuery({ since: event.currentTarget.value })}
            >
              {SPANS.map((span) => (
                <option key={span} value={`${span}d`}>
                  {span} days
                </option>
              ))}
            </select>
            <select
              aria-label="By hour or day"
              value={by}
              onChange={(event) => changeQuery({ by: event.currentTarget.value })}
            >
              <option value="day">by day</option>
              <option value="hour">by hour</option>
            </select>
          </div>
        }
      />
      <Loaded from={found} lines={12}>
        {(usage) =>
          usage.versions.length === 0 ? (
            tenant !== "" || model !== "" ? (
              <Empty
                text={`Nothing was recorded of ${prompt} in ${scopeName({ label, tenant: tenant || null, model: model || null })} in this time.`}
              />
            ) : (
              <HowToRecord prompt={prompt} label={label} />
            )
          ) : (
            <Used usage={usage} by={by} since={since} />
          )
        }
      </Loaded>
      <Watched prompt={prompt} label={label} />
    </>
  );
}

/** One tenant or model of those that it was used for; nothing where services name none. */
function Only({
  name,
  chosen,
  names = [],
}: {
  readonly name: "tenant" | "model";
  readonly chosen: string;
  readonly names: readonly string[] | undefined;
}) {
  const known = [...new Set([...(chosen === "" ? [] : [chosen]), ...names])];
  if (known.length === 0) return null;
  return (
    <select
      aria-label={name === "tenant" ? "Tenant" : "Model"}
      value={chosen}
      onChange={(event) => changeQuery({ [name]: event.currentTarget.value })}
    >
      <option value="">every {name}</option>
      {known.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}

/** How many hours or days there is something of. */
function timesOf(usage: Usage | undefined): number | undefined {
  return usage && new Set(usage.series?.map(({ from }) => from)).size;
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const hour = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

function Used({
  usage,
  by,
  since,
}: {
  readonly usage: Usage;
  readonly by: "day" | "hour";
  readonly since: string;
}) {
  const { versions, prompt } = usage;
  const [chosen, setChosen] = useState<readonly number[]>();
  const shown = (chosen ?? versions.slice(0, SHOWN).map(({ version }) => version)).slice(0, MOST_LINES);
  const [now, before] = versions;
  const format = by === "hour" ? hour : day;
  return (
    <>
      {now && (
        <p class="sentence">
          @{now.version} since {day.format(new Date(now.firstHour))}
          {before && ` (beside @${before.version})`}:{" "}
          {sayUsage(now, before) || "nothing but calls was recorded"}.
        </p>
      )}
      <TokenLine versions={versions} />
      <Section title="How they did">
        <VersionChips versions={versions} shown={shown} onChange={setChosen} />
        <div class="charts">
          {usageLines(usage, shown, by).map(({ key, ...drawn }) => (
            <LinesChart
              key={key}
              {...drawn}
              time={(at) => format.format(new Date(at))}
              marks={releaseMarks(usage)}
            />
          ))}
        </div>
      </Section>
      <Ratings versions={versions.filter(({ version }) => shown.includes(version)).slice(0, 2)} />
      <Section
        title="In numbers"
        note="Counted per recorded outcome, not per user. Versions that were served at different times are no fair comparison; a rollout is."
      >
        <ByTime usage={usage} by={by} />
      </Section>
      <Feedback
        prompt={prompt}
        since={since}
        versions={versions.map(({ version }) => version)}
        ratings={ratingsOf(versions)}
      />
    </>
  );
}

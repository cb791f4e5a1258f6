import { sayUsage } from "../../domain/plain/say-usage.ts";
import type { Usage } from "../../domain/shapes/usage.ts";
import { type Resource, useResource } from "../data/resource.ts";
import { usagePath, withQuery } from "../route.ts";
import { Section } from "./page.tsx";

const DEFAULT_LABEL = "production";

export function useUsageLately(prompt: string, label = DEFAULT_LABEL): Resource<Usage> {
  return useResource(withQuery("/v1/usage", { prompt, label }));
}

/** What some versions did in the last 7 days, a sentence each, the first one beside the second; nothing where none was used. */
export function UsageLately({
  title,
  found,
  versions,
}: {
  readonly title: string;
  readonly found: Resource<Usage>;
  /** Only these; otherwise the newest two that were used. */
  readonly versions?: readonly number[];
}) {
  const used = found.value?.versions ?? [];
  const shown = versions
    ? versions.flatMap((wanted) => used.filter(({ version }) => version === wanted))
    : used.slice(0, 2);
  if (!found.value || shown.length === 0) return null;
  const { prompt, label } = found.value;
  return (
    <Section title={title}>
      <ul class="facts card">
        {shown.map((one, at) => (
          <li key={one.version}>
            <strong>@{one.version}</strong>: {one.executions.toLocaleString("en")}{" "}
            {one.executions === 1 ? "call" : "calls"}
            {said(sayUsage(one, at === 0 ? shown[1] : undefined))}
          </li>
        ))}
      </ul>
      <p class="after-table">
        <a href={withQuery(usagePath(prompt), { label })}>Usage in {label}, by day</a>
      </p>
    </Section>
  );
}

function said(usage: string): string {
  return usage === "" ? "." : `, ${usage}.`;
}

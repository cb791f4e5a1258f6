import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { countHappenings } from "../../src/telemetry/count-happenings.ts";
import { newMetrics } from "../../src/telemetry/metrics.ts";
import { readStoreWhenScraped } from "../../src/telemetry/read-store.ts";
import { readPage } from "../documentation/markdown.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const read = (path: string) => readFileSync(new URL(`../../deploy/${path}`, import.meta.url), "utf8");
const rules = (
  parse(read("prometheus/rules.yaml")) as { groups: readonly { rules: readonly Rule[] }[] }
).groups.flatMap((group) => group.rules);
const panels = (JSON.parse(read("grafana/sluice.json")) as { panels: readonly Panel[] }).panels.filter(
  ({ type }) => type !== "row",
);

/** What is registered, as it is scraped, each with its labels. */
const registered = new Map<string, ReadonlySet<string>>();
const registry = newMetrics();
countHappenings(registry, "worker");
readStoreWhenScraped(registry, () => Promise.reject(new Error("no store")));
for (const metric of registry.getMetricsAsArray() as unknown as readonly {
  readonly name: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}[]) {
  const labels = new Set([...(metric.labelNames ?? []), "instance", "job"]);
  const { name, type } = metric;
  if (type === "counter") registered.set(`${name.replace(/_total$/, "")}_total`, labels);
  else if (type === "histogram")
    for (const part of ["count", "sum", "bucket"])
      registered.set(`${name}_${part}`, new Set([...labels, "le"]));
  else registered.set(name, labels);
}

/** Words of PromQL that are followed by labels in brackets. */
const GROUPING = /\b(?:by|on|group_left|without)\s*\(([^)]*)\)/g;
const SERIES = /\b((?:sluice|nodejs|process)_\w+)(?:\{([^}]*)\})?/g;

/** What an expression asks for and is not there: a metric, or a label of one. */
function missingIn(expr: string): string[] {
  const series = [...expr.matchAll(SERIES)].map(([, name, matchers = ""]) => ({
    name: name!,
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!),
  }));
  if (series.length === 0) return [`no metric in ${expr}`];
  const known = new Set(series.flatMap(({ name }) => [...(registered.get(name) ?? [])]));
  const grouped = [...expr.matchAll(GROUPING)].flatMap(([, names]) => names!.match(/\w+/g) ?? []);
  return [
    ...series.filter(({ name }) => !registered.has(name)).map(({ name }) => name),
    ...series.flatMap(({ name, labels }) =>
      labels.filter((label) => !registered.get(name)?.has(label)).map((label) => `${name}{${label}}`),
    ),
    ...grouped.filter((label) => !known.has(label)).map((label) => `by (${label})`),
  ];
}

describe("the check of expressions", () => {
  it("finds a metric, a label and a grouping that do not exist", () => {
    expect(missingIn('sum by (nobody) (rate(sluice_gone_total{x="1"}[5m]))')).toEqual([
      "sluice_gone_total",
      "sluice_gone_total{x}",
      "by (nobody)",
    ]);
    expect(missingIn('max by (phase) (sluice_drift{knid="git_ahead"})')).toEqual([
      "sluice_drift{knid}",
      "by (phase)",
    ]);
  });
});

describe("alerts", () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    "%s asks for what is scraped, says how bad it is, and has its section in the runbook",
    (alert, { expr, labels, annotations }) => {
      expect(missingIn(expr)).toEqual([]);
      expect(["critical", "warning", "info"]).toContain(labels.severity);
      expect(annotations["summary"]).toBeTruthy();
      expect(annotations["runbook"]).toBe(`docs/reference/runbook.md#${alert.toLowerCase()}`);
    },
  );

  it("are what the runbook explains, in the same order, each with what it means, where to look and what to do", () => {
    const sections = readPage("docs/reference/runbook.md").split(/^## /m).slice(1);
    expect(sections.map((section) => section.split("\n", 1)[0])).toEqual(rules.map(({ alert }) => alert));
    for (const section of sections)
      for (const part of ["**Means:**", "**Look:**", "**Do:**"]) expect(section).toContain(part);
  });

  it("are each seen to fire by a unit test of promtool's", () => {
    const tests = read("prometheus/rules.test.yaml");
    for (const { alert } of rules) expect(tests, alert).toMatch(new RegExp(`\\b${alert}\\b`));
  });
});

describe("the Grafana dashboard", () => {
  it.each(panels.map((panel) => [panel.title, panel] as const))(
    "%s asks for what is scraped",
    (_, { targets, description }) => {
      expect(description).toBeTruthy();
      expect(targets?.flatMap(({ expr }) => missingIn(expr))).toEqual([]);
    },
  );

  it("shows everything that Sluice itself says", () => {
    const asked = panels.flatMap(({ targets }) => targets ?? []).map(({ expr }) => expr);
    const own = [...registered.keys()].filter((name) => /^sluice_(?!.*_(?:sum)$)/.test(name));
    expect(own.filter((name) => !asked.some((expr) => expr.includes(name)))).toEqual([]);
  });
});

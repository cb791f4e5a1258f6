import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileTemplate } from "../../../src/templates/compile.ts";

interface Group {
  readonly group: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly templates: readonly string[];
  readonly whitespace?: "jinja";
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/jinja/${name}.json`, import.meta.url), "utf8"));
const groups = read("templates") as Group[];
// Made by Jinja2 itself: scripts/jinja-values.py.
const values = (read("values") as { groups: (string | { error: string })[][] }).groups;

/** What is different on purpose; docs/reference/jinja.md says why. */
const ON_PURPOSE = "printed values, different on purpose";

const rendered = (group: Group, template: string): string | { error: string } => {
  try {
    return compileTemplate("jinja", template, { whitespace: group.whitespace }).render(
      new Map(Object.entries(group.variables)),
    );
  } catch (error) {
    return { error: (error as Error).message };
  }
};

describe("templates written after what prompt files do give what Jinja2 gives", () => {
  const all = groups.flatMap((group, i) =>
    group.templates.map((template, j) => ({ group, template, expected: values[i]![j]! })),
  );

  it.each(groups.filter(({ group }) => group !== ON_PURPOSE).map((group) => [group.group, group] as const))(
    "%s",
    (_, group) => {
      const mine = all.filter((one) => one.group === group);
      const ours = mine.map(({ template }) => ({ template, text: rendered(group, template) }));
      expect(ours).toEqual(mine.map(({ template, expected }) => ({ template, text: expected })));
    },
  );

  it("at least 95 % of more than 300, the rest different on purpose", () => {
    const same = all.filter(({ group, template, expected }) => rendered(group, template) === expected);
    expect(all.length).toBeGreaterThanOrEqual(300);
    expect(same.length / all.length).toBeGreaterThanOrEqual(0.95);
  });

  it("prints booleans, null, lists and objects as JSON has them", () => {
    const group = groups.find((one) => one.group === ON_PURPOSE)!;
    expect(group.templates.map((template) => rendered(group, template))).toEqual([
      "true",
      "",
      '[1, "a"]',
      '{"k": [true, null]}',
      "true false",
      '[1, "a"]',
      '{"k": [true, null]}',
      "",
    ]);
  });
});

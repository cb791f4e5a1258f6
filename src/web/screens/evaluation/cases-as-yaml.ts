import type { ShownCase } from "./shown-evaluation.ts";

/** As a file of test cases has them, without what they assert, which the file that they are of says. YAML takes JSON's texts as they are. */
export function casesAsYaml(cases: readonly Pick<ShownCase, "description" | "vars">[]): string {
  return cases
    .map(({ description, vars }) => {
      const lines = Object.entries(vars ?? {}).map(
        ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
      );
      const name = description === null ? [] : [`  description: ${JSON.stringify(description)}`];
      return ["- vars:", ...lines, ...name].join("\n");
    })
    .join("\n");
}

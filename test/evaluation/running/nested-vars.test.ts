import { describe, expect, it } from "vitest";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { createArm } from "../../../src/evaluation/running/arm.ts";
import { bindCases } from "../../../src/evaluation/running/binding/bind-cases.ts";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";

const artifact: Artifact = {
  syntax: "jinja",
  model: "openai/m",
  params: {},
  variables: { q: { type: "string" } },
  messages: [{ role: "user", content: "{{ q }}" }],
};

function bound(vars: Record<string, unknown>) {
  const test = { vars, assert: [{ type: "equals", value: "{{ q }}" }] };
  return bindCases(parseDataset(JSON.stringify([test]), "g.json"), [createArm("candidate", artifact)]);
}

describe("a case's variable that names another", () => {
  it("has its value, however many stand between", () => {
    expect(
      bound({ q: "Where is {{ place }}?", place: "{{city}} in {{ land }}", city: "Graz", land: 7 }),
    ).toMatchObject([{ vars: { q: "Where is Graz in 7?" } }]);
    const asked = bound({ q: "Where is {{ city }}?", city: ["Graz", "Wien"] }).map(({ vars }) => vars["q"]);
    expect(asked).toEqual(["Where is Graz?", "Where is Wien?"]);
  });

  it("stays as it is where there is no such variable, or only itself", () => {
    for (const q of [
      "{{ q }}",
      "{{ none }}",
      "{{ 7 * 7 }}",
      "{% if a %}",
      "{{ toString }}",
      "{{ __proto__ }}",
    ])
      expect(bound({ q })[0]!.vars).toEqual({ q });
  });

  it("ends where they go in a circle, or grow beyond all bounds", () => {
    expect(bound({ q: "{{ b }}", b: "{{ q }}" })).toHaveLength(1);
    const vars = { q: "{{ b }}".repeat(1000), b: "{{ c }}".repeat(1000), c: "{{ d }}".repeat(1000), d: "x" };
    expect(() => bound(vars)).toThrow(/^g\.json:1:2: case 1: "q" refers to so much/);
  });
});

it("lists that multiply each other are refused before they fill the memory", () => {
  const lists = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`v${at}`, Array(10).fill("x")]));
  expect(() => bound({ q: "{{ v1 }}{{ v8 }}", ...lists })).toThrow(
    /^g\.json:1:2: case 1: its lists make more than 100000 cases/,
  );
});

it("a variable that all cases share need only be used by one of them", () => {
  const shared = `defaultTest: { vars: { opening: Dear } }
tests:
  - { vars: { q: a }, assert: [{ type: equals, value: a }] }
  - { vars: { q: b }, assert: [{ type: starts-with, value: "{{ opening }}" }] }
`;
  const arms = [createArm("candidate", artifact)];
  expect(bindCases(parseDataset(shared, "g.yaml"), arms)).toHaveLength(2);
  const unused = shared.replace("{{ opening }}", "x");
  expect(() => bindCases(parseDataset(unused, "g.yaml"), arms)).toThrow('no variable "opening"');
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileSchema, type SchemaCheck } from "../../src/evaluation/json-schema.ts";

interface Group {
  readonly description: string;
  readonly schema: object;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

/** The required part of the official JSON-Schema-Test-Suite; scripts/json-schema-suite.mjs writes it. */
function suite(draft: string): Record<string, Group[]> {
  const file = new URL(`../fixtures/json-schema-suite/${draft}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, Group[]>;
}

/** Why a group's schema is not taken; what is not listed here is an error of its own. */
const REASONS: readonly (readonly [string, RegExp])[] = [
  ["needs a schema from elsewhere", /^can't resolve reference |^no schema with key or ref "http/],
  ["$dynamicRef", /^"\$dynamicRef" is not supported/],
  ["unevaluatedItems beside contains, if or items", /^"unevaluatedItems" and "(?:contains|if|items)"/],
  ["references in a circle", /round in a circle/],
  ["an enum without values", /^enum must have non-empty array/],
];

function run(draft: string) {
  const different: string[] = [];
  const refused: Record<string, number> = {};
  let same = 0;
  for (const [file, groups] of Object.entries(suite(draft)))
    for (const { description, schema, tests } of groups) {
      let check: SchemaCheck;
      try {
        check = compileSchema(schema);
      } catch (error) {
        const { message } = error as Error;
        const reason = REASONS.find(([, pattern]) => pattern.test(message))?.[0] ?? message;
        refused[reason] = (refused[reason] ?? 0) + 1;
        continue;
      }
      for (const one of tests)
        if ((check(one.data) === undefined) === one.valid) same++;
        else different.push(`${file}: ${description}: ${one.description}`);
    }
  return { different, refused, same };
}

describe("JSON Schema, the official suite's required part: what is not refused by name is right", () => {
  test("draft 7", () => {
    const { different, refused, same } = run("draft7");
    expect(different).toEqual([]);
    expect(refused).toEqual({ "needs a schema from elsewhere": 11 });
    expect(same).toBeGreaterThan(900);
  });

  test("2020-12, apart from formats, which are checked here and are only remarks there", () => {
    const { different, refused, same } = run("draft2020-12");
    expect(different.filter((one) => !/^format: .*annotation/.test(one))).toEqual([]);
    expect(refused).toEqual({
      $dynamicRef: 17,
      "an enum without values": 1,
      "needs a schema from elsewhere": 22,
      "references in a circle": 3,
      "unevaluatedItems beside contains, if or items": 11,
    });
    expect(same).toBeGreaterThan(1150);
  });
});

describe("a schema's patterns, each its own in every keyword that takes one", () => {
  const dialects = [
    ["draft 7", {}],
    ["2020-12", { $schema: "https://json-schema.org/draft/2020-12/schema" }],
  ] as const;
  for (const [name, head] of dialects) {
    const check = (schema: object, value: unknown) => compileSchema({ ...head, ...schema })(value);

    test(`${name}: pattern`, () => {
      const schema = {
        properties: { sku: { pattern: "^[A-Z]{3}$" }, phone: { pattern: "^[0-9]+$" } },
      };
      expect(check(schema, { sku: "ABC", phone: "XYZ" })).toMatch(/phone must match pattern/);
      expect(check(schema, { sku: "ABC", phone: "123" })).toBeUndefined();
    });

    test(`${name}: patternProperties, propertyNames and additionalProperties`, () => {
      const schema = {
        patternProperties: { "^n": { type: "number" }, "^s": { pattern: "^x" } },
        propertyNames: { pattern: "^[nst]" },
        additionalProperties: false,
      };
      expect(check(schema, { n: 1, s: "x" })).toBeUndefined();
      expect(check(schema, { n: "x" })).toMatch(/must be number/);
      expect(check(schema, { s: "y" })).toMatch(/pattern/);
      expect(check(schema, { t: 1 })).toMatch(/additional properties/);
      expect(check(schema, { z: 1 })).toMatch(/property name|pattern/);
    });
  }

  test("white space, ends of lines and properties of characters are JavaScript's", () => {
    const fits = (pattern: string, text: string) => compileSchema({ pattern })(text) === undefined;
    expect(fits("^a\\sb$", "a\u00a0b")).toBe(true);
    expect(fits("^a[\\s.]b$", "a\u2003b")).toBe(true);
    expect(fits("^[^\\S]$", "\ufeff")).toBe(true);
    expect(fits("^a.b$", "a\u2028b")).toBe(false);
    expect(fits("^\\p{Uppercase_Letter}\\p{Script=Greek}$", "Äω")).toBe(true);
    expect(fits("^\\uD83C\\uDF89$", "🎉")).toBe(true);
  });

  test("what cannot run in linear time is refused by name", () => {
    expect(() => compileSchema({ pattern: "^(?!x)" })).toThrow(/invalid|perl/i);
    expect(() => compileSchema({ pattern: "(a)\\1" })).toThrow(/escape/);
  });
});

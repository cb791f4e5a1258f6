import { describe, expect, test } from "vitest";
import { compileSchema } from "../../../src/domain/json/json-schema.ts";

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

describe("JSON Schema: what would be misread is refused by name", () => {
  const draft2020 = { $schema: "https://json-schema.org/draft/2020-12/schema" };
  test.each([
    ["$dynamicRef", { ...draft2020, $dynamicRef: "#node" }, /\$dynamicRef/],
    [
      "unevaluatedItems beside contains",
      { ...draft2020, unevaluatedItems: false, contains: {} },
      /unevaluatedItems/,
    ],
    ["a reference elsewhere", { $ref: "http://localhost:1234/integer.json" }, /resolve|no schema/],
    ["an enum without values", { enum: [] }, /enum/],
  ])("%s", (_what, schema, message) => {
    expect(() => compileSchema(schema)).toThrow(message);
  });

  test.each([
    [
      "prefixItems",
      { ...draft2020, prefixItems: [{ type: "string" }], items: { type: "number" } },
      ["a", 1],
      ["a", "b"],
    ],
    [
      "dependentRequired",
      { ...draft2020, dependentRequired: { card: ["cvc"] } },
      { card: 1, cvc: 2 },
      { card: 1 },
    ],
    ["minContains", { ...draft2020, contains: { const: 1 }, minContains: 2 }, [1, 1], [1, 2]],
    ["items as a list of schemas", { items: [{ type: "string" }], additionalItems: false }, ["a"], ["a", 1]],
    ["if and else", { if: { const: 1 }, else: { minimum: 10 } }, 1, 5],
    [
      "a local reference",
      { $defs: { n: { type: "null" } }, properties: { a: { $ref: "#/$defs/n" } } },
      { a: null },
      { a: 0 },
    ],
  ])("and what is taken is right: %s", (_what, schema, good, bad) => {
    const check = compileSchema(schema);
    expect(check(good)).toBeUndefined();
    expect(check(bad)).toBeDefined();
  });
});

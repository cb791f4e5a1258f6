import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { listAsMapping } from "../../src/domain/list-as-mapping.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { readPromptFile } from "../../src/domain/prompt/prompt-file.ts";

const PROMPT = "name: a\nmodel: openai/x\nmessages: [{ role: user, content: Hi }]\n";

describe("a list where a mapping is meant", () => {
  it.each(["params", "output_schema", "metadata", "config", "variables"])("is refused as %s", (key) => {
    for (const list of ["[]", "[1]", "[{ a: 1 }]"])
      expect(() => readPromptFile(`${PROMPT}${key}: ${list}\n`, "a.yaml")).toThrow(/^a\.yaml:4:\d+: .*/);
    expect(() => readPromptFile(`${PROMPT}${key}: []\n`, "a.yaml")).toThrow(
      `a.yaml:4:${key.length + 3}: ${key}: must be a mapping, not a list`,
    );
  });

  it.each(["gate", "canary", "metrics", "approval"])("is refused as a policy's %s", (key) => {
    expect(() => readPolicyFile(`${key}: []\n`, "p.yaml")).toThrow(
      `p.yaml:1:${key.length + 3}: ${key}: must be a mapping, not a list`,
    );
  });

  it("is found wherever it stands, and only there", () => {
    const mapping = v.record(v.string(), v.unknown());
    const schema = v.object({ a: v.array(v.object({ b: v.optional(mapping) })), c: v.unknown() });
    const read = (value: unknown) => listAsMapping(value, v.parse(schema, value));
    expect(read({ a: [{}, { b: [1] }], c: [1] })).toEqual(["a", 1, "b"]);
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.jsonValue(), (maps, c) => {
        expect(read({ a: maps.map((b) => ({ b })), c })).toBeUndefined();
      }),
    );
  });
});

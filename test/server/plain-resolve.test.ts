import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { isPlainResolve, resolveBody } from "../../src/server/contract/prompts.ts";

const KEYS = [...Object.keys(resolveBody.entries), "toString", "valueOf", "Unit", "no such"];
const VALUES = fc.oneof(
  fc.constantFrom("support/reply", "production", "openai", "artifact", "openai/gpt-5.4-mini", "", "a/", "\0"),
  fc.string({ maxLength: 1_100 }),
  fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.string(), fc.double(), fc.constant(null))),
  fc.constantFrom(null, true, 3, 600),
);
const BODIES = fc.oneof(fc.dictionary(fc.constantFrom(...KEYS), VALUES, { maxKeys: 5 }), VALUES);

describe("a body of /v1/resolve that is seen to be plain", () => {
  it("is one that the schema takes, and leaves as it is", () => {
    let plain = 0;
    fc.assert(
      fc.property(BODIES, (body) => {
        if (!isPlainResolve(body)) return;
        plain++;
        expect(v.parse(resolveBody, body)).toEqual(body);
      }),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  it("is what most applications send", () => {
    const body = { prompt: "support/reply", unit: "user-1", variables: { product: "a kettle", n: 3 } };
    for (const more of [{}, { format: "openai" }, { label: "production", tenant: "acme" }])
      expect(isPlainResolve({ ...body, ...more })).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import { assertGrants, type Grants } from "../../../src/domain/access/grants.ts";

describe("what a key is granted of Langfuse's clients", () => {
  it.each<[Grants, RegExp]>([
    [{ tenants: ["globex"], langfuse: { tenant: "acme" } }, /is not for the tenant "acme"/],
    [{ langfuse: { tenant: "a\0b" } }, /langfuse\.tenant/],
    [{ langfuse: { defaultModel: "gpt-5.4-mini" } }, /names no vendor/],
    [{ langfuse: { defaultModel: "toString/x" } }, /names no vendor/],
  ])("is refused as %j", (grants, problem) => {
    expect(() => assertGrants(grants)).toThrow(problem);
  });

  it("is taken where it can be meant", () => {
    const grants = { tenants: ["acme"], langfuse: { tenant: "acme", defaultModel: "openai/gpt-5.4-mini" } };
    expect(assertGrants(grants)).toBe(grants);
  });
});

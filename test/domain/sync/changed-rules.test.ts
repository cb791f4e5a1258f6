import { describe, expect, it } from "vitest";
import { changedRules, type Rules } from "../../../src/domain/sync/changed-rules.ts";

const everybody = [{ model: null, tenant: null }];
const staging = { name: "staging", label: "staging", from: null, liveForMs: 0, scopes: everybody };
const production = {
  name: "production",
  label: "production",
  from: "staging",
  liveForMs: 86_400_000,
  scopes: everybody,
};
const rules: Rules = { owner: "both", environments: [staging, production] };

describe("what the store would hold to differently", () => {
  it("is nothing where the rules are the same", () => {
    expect(changedRules(rules, structuredClone(rules))).toEqual([]);
  });

  it("says each rule as it was and as it would be", () => {
    const eased = { ...production, from: "staging", liveForMs: 3_600_000 };
    const free = { ...production, from: null, liveForMs: 0, scopes: [{ model: null, tenant: "acme" }] };
    expect(changedRules(rules, { owner: "git", environments: [staging, eased] })).toEqual([
      "owner: both -> git",
      "production: takes what is live in staging for 1d -> takes what is live in staging for 1h",
    ]);
    expect(changedRules(rules, { owner: "both", environments: [free] })).toEqual([
      "staging is no environment any more",
      "production: takes what is live in staging for 1d -> takes any version",
      "production: production -> production tenant=acme",
    ]);
    expect(changedRules({ owner: "both", environments: [staging] }, rules)).toEqual([
      "production is a new environment: production, takes what is live in staging for 1d",
    ]);
  });
});

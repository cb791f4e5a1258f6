import { describe, expect, it } from "vitest";
import { AUDIT_DEEDS, sayAudit } from "../../../src/domain/plain/say-audit.ts";
import { sayLetter } from "../../../src/domain/plain/say-letter.ts";
import { sayPart } from "../../../src/domain/plain/say-part.ts";
import { sayRules } from "../../../src/domain/plain/say-rules.ts";
import type { RolloutPolicy } from "../../../src/domain/policy/policy.ts";
import { sayVerification } from "../../../src/domain/plain/say-verification.ts";
import { inOneLine } from "../../../src/domain/plain/said.ts";

const ENTRY = {
  from: "support/reply@7",
  to: "support/reply@8",
  label: "production",
  model: null,
  tenant: null,
  details: {},
};

describe("an entry of the audit log", () => {
  it.each([
    ["promoted", {}, "released @8 to production, was @7"],
    ["promoted", { tenant: "acme" }, "released @8 to production, tenant acme, was @7"],
    ["rolled_back", { from: "a@8", to: "a@7" }, "rolled production back to @7, was @8"],
    ["rolled_back", { from: "a@8", to: null }, "rolled production back to what is inherited, was @8"],
    ["stage_opened", { details: { share: 2_500 } }, "gave @8 to 25 % of users"],
    ["version_pushed", { from: null }, "saved @8"],
    [
      "pointer_set",
      { details: { forced: true } },
      "made production serve @8 by hand, without evidence, was @7",
    ],
    ["approved", { details: { point: "promote" } }, "approved @8, before everybody gets it"],
    ["rejected", {}, "turned @8 down"],
    ["abort_requested", {}, "asked to stop the rollout of @8"],
    ["label_protected", { from: null, to: null }, "protected the label production"],
    ["key_created", { details: { name: "ci", role: "editor" } }, "made the key ci for the role editor"],
    ["dead_letter_resolved", { details: { status: "discarded" } }, "closed a dead letter without doing it"],
    ["something_newer", {}, "something newer"],
  ])("%s %j is a sentence", (action, more, said) => {
    expect(sayAudit({ ...ENTRY, ...more, action })).toBe(said);
  });

  it("is never called by the log's own word where people look for it", () => {
    for (const { action, deed } of AUDIT_DEEDS) {
      expect(deed).not.toContain("_");
      expect(sayAudit({ ...ENTRY, action })).not.toBe(action.replaceAll("_", " "));
    }
  });
});

describe("the rules of a rollout", () => {
  it("are sentences, with what is allowed in the metric's own unit", () => {
    const policy = {
      gate: {
        dataset: "d",
        repeats: 1,
        min_pass_rate: 0.9,
        max_regression: 0.05,
        on_insufficient: "canary",
        strict: false,
      },
      metrics: {
        rating: { kind: "mean", window_ms: 1, unit: "stars" },
        error: { kind: "rare", window_ms: 1 },
      },
      canary: {
        stages: [
          { share: 500, dwell_ms: 0 },
          { share: 5_000, dwell_ms: 0 },
        ],
        interval_ms: 60_000,
        min_units: 40,
        max_units: 9_000,
        max_duration_ms: 14 * 86_400_000,
        goal: {
          metric: "rating",
          direction: "higher",
          claim: "non_inferior",
          margin: { kind: "absolute", value: 0.1 },
        },
        guardrails: [{ metric: "error", direction: "lower", tolerated_increase: 0.01 }],
        fuses: [{ metric: "error", above: 0.2 }],
        promote_by: "group_sequential",
        on_inconclusive: "rollback",
        lease_ms: 1,
      },
      approval: { before: ["canary"], approvers: 1, timeout_ms: 86_400_000, distinct_author: true },
      notify: [],
    } as const satisfies RolloutPolicy;
    expect(sayRules(policy)).toEqual([
      "First the tests: 90 % of the cases have to pass, and no more than 5 % may be lost against the current version.",
      "1 person has to agree before any user sees it, the author none of them, within 24 hours.",
      "Then 5 %, then 50 % of users get it, beside as many who keep the current version.",
      "Rating decides: it may be 0.1 stars worse at most.",
      "Errors must not get worse: 1 % more often is allowed.",
      "Errors over 20 % is an emergency stop.",
      "It takes 40 to 9,000 users in each group, and 14 days at most; it is looked at every 60 seconds.",
      "If nothing is decided by then, everybody keeps the current version.",
    ]);
  });
});

describe("a part of a version", () => {
  it.each([
    ["messages[0]", "The first message"],
    ["examples[11]", "The 12th example"],
    ["params.max_tokens", "Max tokens"],
    ["variables.tone", "Variable tone"],
    ["tools.find_order", "Tool find_order"],
    ["output_schema", "Shape of the answer"],
  ])("%s is %s", (part, said) => {
    expect(sayPart(part)).toBe(said);
  });
});

describe("a dead letter", () => {
  it("says what could not be done, and what doing it again comes to", () => {
    expect(sayLetter({ operation: "rollout:canary", prompt: "a" })).toMatchObject({
      undone: "Go on with a rollout of a: a part stayed broken while some users tried it.",
      again: expect.stringContaining("started anew"),
    });
    expect(sayLetter({ operation: "notify", prompt: null }).undone).toBe(
      "Tell those who want to know how a rollout ended.",
    );
    expect(sayLetter({ operation: "fold:units", prompt: null })).toMatchObject({ canBeRedriven: false });
  });
});

describe("a verification", () => {
  const found = { ok: true, entries: 10_412, prompts: 3, broken: [], astray: [] };
  it.each([
    [found, "Whole. 10,412 entries follow from each other, and what is served is as they say."],
    [
      {
        ...found,
        ok: false,
        broken: [{ prompt: "a", seq: 812, problem: "it was changed after it was written" }],
      },
      "Broken at a #812. It was changed after it was written.",
    ],
    [
      {
        ...found,
        ok: false,
        astray: [{ prompt: "a", scope: "production a", problem: "it is at revision 3" }],
      },
      "1 pointer is not as the log says. Production a: it is at revision 3.",
    ],
  ])("%j is a sentence", (verification, said) => {
    expect(inOneLine(sayVerification(verification))).toBe(said);
  });
});

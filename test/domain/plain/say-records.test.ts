import { describe, expect, it } from "vitest";
import { AUDIT_DEEDS, sayAudit } from "../../../src/domain/plain/say-audit.ts";
import { sayLetter } from "../../../src/domain/plain/say-letter.ts";
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

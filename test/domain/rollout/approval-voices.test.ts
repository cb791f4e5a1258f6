import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";
import { countedVoices, mayBeOne, type Voice } from "../../../src/domain/rollout/approval-voices.ts";

const voice = (text: string): Voice => {
  const [kind, name] = text.split(" ") as [Voice["kind"], string];
  return { kind, name };
};
const ALL = ["key ann", "key ann", "key ben", "person 1@idp", "login db", "workload repo"].map(voice);

describe("whose approvals count", () => {
  it("is each name of a kind once, and of several kinds the one with most: a person may hold a key", () => {
    expect(countedVoices(ALL, { proven: true })).toEqual(["ann", "ben"]);
    expect(countedVoices(ALL, { proven: false })).toEqual(["ann", "ben", "db"]);
    expect(countedVoices(["person 1@idp", "key ann"].map(voice), { proven: true })).toHaveLength(1);
    expect(countedVoices(["key ann", "person 1@idp", "person 2@idp"].map(voice), { proven: true })).toEqual([
      "1@idp",
      "2@idp",
    ]);
    expect(countedVoices(["login a", "login b"].map(voice), { proven: true })).toEqual([]);
  });

  it.each([
    ["key ann", "key ann", true],
    ["key ann", "key ben", false],
    ["key ann", "person 1@idp", true],
    ["proxy ann", "person 1@idp", true],
    ["workload repo", "person 1@idp", false],
    ["workload repo", "workload repo", true],
    ["login db", "person 1@idp", true],
    ["login db", "workload repo", true],
  ])(
    "with proof alone: that %s and %s may be one is %s, and then the author is no approver",
    (one, other, may) => {
      for (const [a, b] of [
        [one, other],
        [other, one],
      ] as const) {
        expect(mayBeOne(voice(a), voice(b))).toBe(may);
        expect(countedVoices([voice(a)], { proven: true, author: voice(b) })).toHaveLength(
          may || a.startsWith("login") ? 0 : 1,
        );
      }
    },
  );

  it("is, where logins count too, everybody whose name is not the author's or the starter's", () => {
    const rest = { proven: false, author: voice("login db"), starter: voice("person ben") };
    expect(countedVoices(ALL, rest)).toEqual(["ann"]);
  });

  it("is nobody's who is known to have asked for it under another proof, and anybody's whose name was only taken", () => {
    const ann = { ...voice("person 1@idp"), email: "ann@example.com" };
    const [owner, job] = [voice("key Ann@example.com"), voice("workload ann@example.com")];
    const ben = voice("person 2@idp");
    for (const [starter, approving, counted] of [
      [owner, ann, []],
      [ann, owner, []],
      [ann, { ...voice("proxy ann"), email: "ann@example.com" }, []],
      [owner, ben, ["2@idp"]],
      [voice("key ann"), ann, ["1@idp"]],
      // Whoever takes a name can only keep themselves from counting.
      [owner, job, []],
    ] as const) {
      for (const which of ["starter", "author"] as const)
        expect(countedVoices([approving], { proven: false, [which]: starter })).toEqual(counted);
    }
    // With proof alone, whoever may be one is one: two names of a kind are two.
    const proven = { proven: true, starter: owner };
    expect(countedVoices([ann], proven)).toEqual([]);
    expect(countedVoices([voice("key ben"), ben], proven)).toEqual(["ben"]);
  });

  it("is said by the policy: by proof, or by names that prove nothing", () => {
    const read = (approval: string) =>
      readPolicyFile(`approval: { before: promote, ${approval} }\ngate: { dataset: x }\n`, "p");
    expect(read("proven: true").approval).toMatchObject({ proven: true, asserted: false });
    expect(read("approvers: 1").approval).not.toHaveProperty("proven");
    expect(() => read("proven: true, asserted: true")).toThrow(/prove nothing/);
  });
});

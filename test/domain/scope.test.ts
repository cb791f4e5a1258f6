import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rolloutWorkflowId, scopeColumns, scopeKey } from "../../src/domain/scope.ts";

describe("the workflow id of a rollout", () => {
  it("writes an absent part as -, and one that is just that otherwise", () => {
    const prompt = "support/reply";
    expect(rolloutWorkflowId(scopeColumns({ label: "production", prompt }))).toBe(
      "rollout:production:support%2Freply:-:-",
    );
    expect(rolloutWorkflowId(scopeColumns({ label: "production", prompt, tenant: "-" }))).toBe(
      "rollout:production:support%2Freply:-:%2D",
    );
    expect(rolloutWorkflowId(scopeColumns({ label: "production", prompt }), "team-b")).toBe(
      "rollout:production:support%2Freply:-:-:team-b",
    );
  });

  it("is no other scope's, and no other task queue's", () => {
    // What could be taken for something else: separators, escapes, the absent part, other scripts.
    const part = fc.oneof(
      fc.constantFrom("", "-", "--", "%2D", "%", ":", "-:-", "a:b", "sluice", "é", "日"),
      fc.string({ unit: "grapheme", maxLength: 6 }),
    );
    const one = fc.record({
      label: part,
      prompt: part,
      model: part,
      tenant: part,
      queue: fc.oneof(fc.constantFrom("sluice", "-", "team-b", "a:b"), fc.string({ minLength: 1 })),
    });
    fc.assert(
      fc.property(one, one, (a, b) => {
        const same = scopeKey(a) === scopeKey(b) && a.queue === b.queue;
        expect(rolloutWorkflowId(a, a.queue) === rolloutWorkflowId(b, b.queue)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestText } from "../../src/digest.ts";
import { rolloutWorkflowId, scopeColumns, scopeKey, type ScopeColumns } from "../../src/domain/scope.ts";

const digest = digestText;
const idOf = ({ queue, ...scope }: ScopeColumns & { queue: string }) =>
  rolloutWorkflowId(scope, { taskQueue: queue, digest });

describe("the workflow id of a rollout", () => {
  it("writes an absent part as -, and one that is just that otherwise", () => {
    const prompt = "support/reply";
    expect(rolloutWorkflowId(scopeColumns({ label: "production", prompt }), { digest })).toBe(
      "rollout:production:support%2Freply:-:-",
    );
    expect(rolloutWorkflowId(scopeColumns({ label: "production", prompt, tenant: "-" }), { digest })).toBe(
      "rollout:production:support%2Freply:-:%2D",
    );
    expect(
      rolloutWorkflowId(scopeColumns({ label: "production", prompt }), { taskQueue: "team-b", digest }),
    ).toBe("rollout:production:support%2Freply:-:-:team-b");
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
        expect(idOf(a) === idOf(b)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is one that Temporal takes, however long the names are, and still no other scope's", () => {
    const long = (one: string, last: string) => one.repeat(511) + last;
    const part = fc.constantFrom(
      "",
      "acme",
      long("日", "a"),
      long("日", "b"),
      long("%", ":"),
      "a".repeat(512),
    );
    const one = fc.record({
      label: fc.constantFrom("production", "a".repeat(36)),
      prompt: fc.constantFrom("support", "a/".repeat(63) + "a"),
      model: part,
      tenant: part,
      queue: fc.constantFrom("sluice", "team-b", "日".repeat(64)),
    });
    fc.assert(
      fc.property(one, one, (a, b) => {
        expect(idOf(a).length).toBeLessThanOrEqual(1_000);
        expect(idOf(a) === idOf(b)).toBe(scopeKey(a) === scopeKey(b) && a.queue === b.queue);
      }),
      { numRuns: 2_000 },
    );
    const digested = idOf({
      label: "production",
      prompt: "p",
      model: "",
      tenant: long("日", "a"),
      queue: "sluice",
    });
    // Whoever is called what a digest looks like is somebody else.
    expect(
      idOf({ label: "production", prompt: "p", model: "", tenant: digested.split(":")[4]!, queue: "sluice" }),
    ).not.toBe(digested);
  });
});

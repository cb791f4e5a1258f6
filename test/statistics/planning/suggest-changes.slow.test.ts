import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";
import { fallsShort, plan, type PlanInput } from "../../../src/statistics/planning/plan.ts";
import { suggestChanges } from "../../../src/statistics/planning/suggest-changes.ts";

const RATING = { rating: { n: 600, mean: 4, sd: 0.8 } };

function planned(canary: string, unitsPerDay: number | null, history = RATING): PlanInput {
  const { canary: read, metrics } = readPolicyFile(
    `metrics: { rating: { window: 5m } }\ncanary: { interval: 10m, goal: { metric: rating, direction: higher, margin: 0.1 }, ${canary} }`,
    "policy",
  );
  return { canary: read!, metrics, history, unitsPerDay, runs: 20 };
}

describe("a change that is suggested", () => {
  it.each([
    ["too few users are allowed", planned("max_units: 400, max_duration: 14d", 20_000), ["room", "margin"]],
    ["there is too little time", planned("max_units: 9000, max_duration: 1d", 500), ["room"]],
    ["both are short", planned("max_units: 300, max_duration: 12h", 900), ["room"]],
  ] as const)("lets the rules conclude, by a whole plan too, where %s", (_, input, kinds) => {
    expect(fallsShort(plan(input), input.canary)).toBe(true);
    const changes = suggestChanges(input);
    expect(changes.map(({ kind }) => kind)).toEqual(kinds);
    for (const { canary } of changes) expect(fallsShort(plan({ ...input, canary }), canary)).toBe(false);
  });

  it("is none where the rules conclude, where nothing is known, and where nobody comes", () => {
    const room = "max_units: 9000, max_duration: 14d";
    expect(suggestChanges(planned(room, 5_000))).toEqual([]);
    expect(suggestChanges(planned(room, null))).toEqual([]);
    expect(suggestChanges(planned(room, 1))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import type { ListedPointer, PastPointer } from "../../../src/domain/shapes/pointers.ts";
import type { LabelOrder } from "../../../src/domain/sync/last-wait.ts";
import { planEnvironments } from "../../../src/domain/sync/plan-environments.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-05-01T12:00:00Z");
const everybody = [{ model: "", tenant: "" }];
const environments = [
  { name: "staging", label: "staging", from: undefined, liveForMs: 0, scopes: everybody },
  { name: "production", label: "production", from: "staging", liveForMs: HOUR, scopes: everybody },
];

function served(label: string, active: string, hoursAgo: number, tenant: string | null = null) {
  const since = new Date(NOW - hoursAgo * HOUR).toISOString();
  return { prompt: "greeting", label, model: null, tenant, active, since, tookBack: null };
}

function planned(serving: ReturnType<typeof served>[], labels: LabelOrder[], places = environments) {
  const known = {
    pointers: serving as unknown as ListedPointer[],
    since: serving as unknown as PastPointer[],
    rollouts: [],
    labels,
  };
  return planEnvironments(places, "greeting", 2, known, (since) => NOW - Date.parse(since)).map(
    ({ environment, step, from, liveForMs, liveThereSince }) => ({
      [environment]: step === "wait" ? { from, liveForMs, isLive: liveThereSince !== null } : step,
    }),
  );
}

describe("what happens to a version in an environment", () => {
  const staged = [served("staging", "greeting@2", 2)];

  it("waits for what the environment asks and what its label asks, whichever is over last", () => {
    expect(planned(staged, [])).toEqual([{ staging: "live" }, { production: "start" }]);
    const order = (from: string, hours: number) => [{ label: "production", from, liveForMs: hours * HOUR }];
    expect(planned(staged, order("staging", 3))).toEqual([
      { staging: "live" },
      { production: { from: "staging", liveForMs: 3 * HOUR, isLive: true } },
    ]);
    expect(planned(staged, order("staging", 1))).toContainEqual({ production: "start" });
    expect(planned(staged, order("canary", 1))).toContainEqual({
      production: { from: "canary", liveForMs: HOUR, isLive: false },
    });
    expect(planned([served("staging", "greeting@2", 0.5)], order("staging", 0.25))).toContainEqual({
      production: { from: "staging", liveForMs: HOUR, isLive: true },
    });
    expect(planned([], [{ label: "other", from: "staging", liveForMs: HOUR }])).toContainEqual({
      production: { from: "staging", liveForMs: HOUR, isLive: false },
    });
  });

  it("asks of a label what the users of the scope get at the other one", () => {
    const labels = [{ label: "production", from: "staging", liveForMs: 0 }];
    const acme = [
      {
        name: "acme",
        label: "production",
        from: undefined,
        liveForMs: 0,
        scopes: [{ model: "", tenant: "acme" }],
      },
    ];
    expect(planned(staged, labels, acme)).toEqual([{ acme: "start" }]);
    expect(planned([...staged, served("staging", "greeting@1", 1, "acme")], labels, acme)).toEqual([
      { acme: { from: "staging", liveForMs: 0, isLive: false } },
    ]);
    expect(planned([...staged, served("staging", "greeting@1", 1, "other")], labels, acme)).toEqual([
      { acme: "start" },
    ]);
  });
});

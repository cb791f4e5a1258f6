import { describe, expect, it } from "vitest";
import { renderStatus } from "../../src/terminal/render-status.ts";
import type { RolloutStatus } from "../../src/domain/rollout/rollout.ts";

const status: RolloutStatus = {
  rolloutId: "r",
  prompt: "support-reply",
  label: "production",
  model: null,
  tenant: null,
  candidate: "support-reply@2",
  baseline: "support-reply@1",
  phase: "canary",
  outcome: null,
  reason: "rating is better so far, but not proven",
  stage: 2,
  stages: 3,
  share: 25,
  paused: false,
  units: { candidate: 1312, control: 1298 },
  evidence: [
    {
      metric: "rating",
      role: "goal",
      n: { candidate: 312, control: 298 },
      mean: { candidate: 4.1234, control: 3.8 },
      diff: 0.3234,
      ci: [-0.11, 0.53],
      p: 1,
      z: null,
      boundary: null,
      verdict: "not_yet",
      note: "promotion is decided in the last stage only",
    },
  ],
  verdict: "continue",
  startedAt: new Date().toISOString(),
  endedAt: null,
  startedBy: "anna",
  workflowId: "w",
  runId: null,
};

const text = (of: RolloutStatus, width = 100) => renderStatus(of, { width, color: false }).join("\n");

describe("the status of a rollout", () => {
  it("says who gets what, and each metric with its interval, verdict and why", () => {
    const said = text(status);
    expect(said).toContain("canary, stage 2 of 3: 25 % of units get it");
    expect(said).toContain("compared with support-reply@1");
    expect(said).toContain("1,312 candidate, 1,298 control");
    expect(said).toMatch(/rating \(goal\) +4\.123 +3\.8 +\+0\.323 +-0\.11 to \+0\.53 +not yet/);
    expect(said).toContain("promotion is decided in the last stage only");
    expect(said).toContain("rating is better so far, but not proven");
  });

  it("raises its alerts while it runs, each once", () => {
    const split = "the split is off: 1,312 candidate and 980 control units: held until it settles";
    const stale = "no error has come from the control for 20 minutes; at most 10 minutes is allowed";
    const said = text({ ...status, alerts: [split, stale], reason: `held: ${split}` }, 200);
    expect(said).toContain(`alert: ${stale}`);
    expect(said.split(split)).toHaveLength(2);
    expect(text({ ...status, alerts: [split], outcome: "aborted", phase: "done" })).not.toContain("alert");
  });

  it("counts what came in and is not in its numbers, and is silent when there is nothing", () => {
    const intake = { joined: 1610, unenrolled: 12, after_end: 3, refused_value: 1 };
    expect(text({ ...status, intake }, 200)).toContain(
      "received but not analysed: outcomes of units that were never exposed (12), outcomes after the end (3), values that are no measurements (1)",
    );
    expect(text({ ...status, intake: { joined: 1610 } })).not.toContain("not counted");
  });

  it("says which services have confirmed a promotion, and names the others", () => {
    const missing = [{ id: "i", host: "web-1", pid: 7, revision: 6, seenMsAgo: 3_100 }];
    const promoted = { ...status, phase: "done", outcome: "promoted" } as const;
    expect(text({ ...promoted, fleet: { confirmed: 12, live: 12, ms: 41, missing: [] } })).toContain(
      "promotion confirmed by 12 of 12 resolvers in 41 ms",
    );
    const fleet = { confirmed: 11, live: 12, ms: 2_004, missing };
    expect(text({ ...promoted, fleet }, 200)).toContain(
      "promotion confirmed by 11 of 12 resolvers in 2 s; not yet: web-1/7 (serves revision 6, seen 3 s ago)",
    );
    expect(text({ ...promoted, fleet: { ...fleet, live: 0 } })).not.toContain("confirmed");
  });

  it.each([40, 60, 80, 120])("fits into %i columns", (width) => {
    for (const line of renderStatus(status, { width, color: false }))
      expect(line.length).toBeLessThanOrEqual(width);
  });

  it("tells who may do what while it waits", () => {
    expect(text({ ...status, phase: "awaiting_approval" })).toContain(
      "waiting for approval: sluice rollout approve support-reply@2 (or reject)",
    );
  });

  it("tells an end once, with its reason", () => {
    const ended = {
      ...status,
      phase: "done",
      outcome: "aborted",
      endedAt: new Date().toISOString(),
    } as const;
    const said = text({ ...ended, reason: "aborted by anna: wrong file" });
    expect(said).toContain("\naborted by anna: wrong file\n");
    expect(text({ ...ended, outcome: "rolled_back", reason: "rating is worse" })).toContain(
      "rolled back: rating is worse",
    );
  });

  it("is in colour only where it may be", () => {
    expect(text(status)).not.toContain("\u001b");
    expect(renderStatus(status, { width: 80, color: true }).join("")).toContain("\u001b[");
  });
});

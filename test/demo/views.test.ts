import { describe, expect, it } from "vitest";
import { createPaint } from "../../src/terminal/paint.ts";
import { commandsToTry, whatIsLeft, endingJson, endingTable } from "../../src/demo/ending.ts";
import { CHAPTERS } from "../../src/demo/chapters.ts";
import { liveView } from "../../src/demo/live-view.ts";
import { plainView } from "../../src/demo/plain-view.ts";
import type { Scene } from "../../src/demo/run-chapters.ts";
import type { RolloutStatus } from "../../src/domain/rollout/rollout.ts";
import { TerminalScreen } from "../support/terminal-screen.ts";

const STATUS: RolloutStatus = {
  rolloutId: "r",
  prompt: "support-reply",
  label: "production",
  model: null,
  tenant: null,
  candidate: "support-reply@3",
  baseline: "support-reply@2",
  phase: "canary",
  outcome: null,
  reason: "10 units an arm have completed their window of rating; 50 are needed",
  stage: 1,
  stages: 3,
  share: 5,
  paused: false,
  units: { candidate: 12, control: 11 },
  evidence: [],
  verdict: "continue",
  startedAt: "2026-01-01T12:00:00.000Z",
  endedAt: null,
  startedBy: "demo",
  workflowId: "w",
  runId: "run",
};
const RATING = {
  metric: "rating",
  role: "goal",
  n: { candidate: 40, control: 40 },
  mean: { candidate: 2.1, control: 4.2 },
  diff: -2.1,
  ci: [-3, -1.2],
  p: 0.0001,
  z: null,
  boundary: null,
  verdict: "harm",
  note: "rating is worse",
} as const;

const scene = (status: Partial<RolloutStatus>, more: Partial<Scene> = {}): Scene => ({
  chapter: CHAPTERS[2]!,
  number: 3,
  status: { ...STATUS, ...status },
  gate: undefined,
  workflowUrl: "http://127.0.0.1:8233/w",
  ...more,
});
const PASSED = { verdict: "pass", reason: "14 cases", results: 28, looks: null, findings: [] } as const;
const ROLLED_BACK = {
  phase: "done",
  outcome: "rolled_back",
  reason: "rating is worse",
  endedAt: "2026-01-01T12:00:07.000Z",
} as const;

describe("the demo in lines", () => {
  it("says each thing once, and how the evidence grows", () => {
    let now = 0;
    const lines: string[] = [];
    const view = plainView(
      (line) => lines.push(line),
      () => now,
    );
    view.scene(scene({ phase: "evaluating", stage: 0 }), undefined);
    view.scene(scene({ phase: "evaluating", stage: 0 }, { gate: PASSED }), undefined);
    for (now of [3_000, 3_200, 6_000])
      view.scene(
        scene({ evidence: [RATING], units: { candidate: now, control: 40 } }, { gate: PASSED }),
        undefined,
      );
    view.scene(scene({ ...ROLLED_BACK, evidence: [RATING] }, { gate: PASSED }), undefined);
    expect(lines).toEqual([
      "",
      "support-reply@3: a fluent one that users like less",
      "  http://127.0.0.1:8233/w",
      "  gate passed: 14 cases",
      "  canary, stage 1 of 3: 5 % of the users get it",
      "    3,000 candidate and 40 control users; rating -2.1 (-3 to -1.2)",
      "    6,000 candidate and 40 control users; rating -2.1 (-3 to -1.2)",
      "    12 candidate and 11 control users; rating -2.1 (-3 to -1.2)",
      "  rolled back: rating is worse",
    ]);
  });
});

describe("the demo on a terminal", () => {
  const on = (columns: number, rows: number) => {
    const screen = new TerminalScreen(columns, rows);
    const view = liveView({
      write: (text) => screen.write(text),
      size: () => ({ columns, rows }),
      color: false,
      paint: createPaint(false),
    });
    return { screen, view };
  };

  it("is drawn in its place, and stays when a rollout has ended", () => {
    const { screen, view } = on(100, 30);
    view.progress("starting");
    for (const candidate of [1, 2, 3]) view.scene(scene({ units: { candidate, control: 1 } }), undefined);
    view.progress("the worker ended");
    view.scene(scene({ units: { candidate: 4, control: 1 } }), undefined);
    view.scene(scene(ROLLED_BACK), { users: 1_200, errors: 0, byVersion: { 1: 1_000, 2: 200 } });
    view.scene(scene({ candidate: "support-reply@4" }, { number: 4 }), undefined);
    const text = screen.lines();
    expect(text.slice(0, 2)).toEqual(["starting", "the worker ended"]);
    expect(text.filter((line) => line.includes("units so far"))).toHaveLength(2);
    expect(text.filter((line) => line.startsWith("support-reply@"))).toEqual([
      "support-reply@3 for production",
      "support-reply@4 for production",
    ]);
    expect(text).toContain("rolled back: rating is worse");
    expect(text).toContain("1,200 users so far, 0 with an error; served: @1 to 1,000, @2 to 200");
  });

  it.each([
    ["narrow for it", 38, 60],
    ["small for it", 38, 9],
  ])("leaves nothing behind in a window that is too %s", (_, columns, rows) => {
    const { screen, view } = on(columns, rows);
    const long = "http://127.0.0.1:8233/namespaces/default/workflows/a-long-name";
    for (const candidate of [1, 2, 3, 4])
      view.scene(scene({ units: { candidate, control: 1 } }, { workflowUrl: long }), undefined);
    expect(screen.lines().filter((line) => line.includes("3 of 4"))).toHaveLength(1);
    view.scene(scene(ROLLED_BACK, { workflowUrl: long }), undefined);
    expect(screen.lines().join("")).toContain(long);
  });
});

describe("the end of the demo", () => {
  const told = [
    scene({ ...ROLLED_BACK, outcome: "promoted" }, { chapter: CHAPTERS[1]! }),
    scene(ROLLED_BACK),
  ];
  it("is a line a version, and says where the story went wrong", () => {
    const [, better, worse] = endingTable(told, 90);
    expect(better).toMatch(/^support-reply@3 +better +promoted +canary, stage 1 +23 +7 s$/);
    expect(worse).toMatch(/fluent, but worse +rolled back /);
    const wrong = endingTable([scene({ ...ROLLED_BACK, outcome: "promoted" })], 120);
    expect(wrong[1]).toContain("promoted, not rolled back");
    const traffic = { users: 1, errors: 0, byVersion: {} };
    expect(endingJson(told, traffic, 1)).toMatchObject({ asExpected: true });
    expect(endingJson([scene({ ...ROLLED_BACK, outcome: "failed" })], traffic, 1)).toMatchObject({
      asExpected: false,
    });
  });

  it("says where the server is, and where its key; offers something to try only while its parts stay up, never after --exit has stopped them", () => {
    const stack = { uiUrl: "http://ui", serverUrl: "http://server", databaseUrl: "postgres://here" };
    const left = (stays: boolean) =>
      whatIsLeft(stays, { sluice: "sluice", stack, env: {}, mark: (command) => command }).join("\n");
    expect(left(true)).toContain("  sluice audit support-reply");
    expect(left(true)).toContain("http://server (its key: serverKey in .sluice/dev.json)");
    expect(left(false)).toContain("Its parts are stopped");
    expect(left(false)).not.toMatch(/sluice audit|http:|second terminal/);
  });

  it("names commands, and first what makes them mean this database", () => {
    expect(commandsToTry("sluice", "postgres://here", {})[0]).toBe("sluice audit support-reply");
    expect(commandsToTry("sluice", "postgres://here", { DATABASE_URL: "postgres://there" })[0]).toBe(
      "export DATABASE_URL='postgres://here'",
    );
  });
});

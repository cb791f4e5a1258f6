import { createPaint } from "../../src/terminal/paint.ts";
import { expect, it } from "vitest";
import { CHAPTERS } from "../../src/demo/chapters.ts";
import { endingTable } from "../../src/demo/ending.ts";
import { liveView } from "../../src/demo/live-view.ts";
import type { Scene } from "../../src/demo/run-chapters.ts";
import { settingOf } from "../../src/domain/plain/telling.ts";
import type { MetricReading } from "../../src/domain/rollout/reading.ts";
import type { RolloutStatus } from "../../src/domain/rollout/rollout.ts";
import type { Evidence } from "../../src/domain/rollout/verdict.ts";
import { codeBlocks } from "./markdown.ts";
import { settled } from "./transcript.ts";

const [shown, ending] = codeBlocks("README.md").filter(({ language }) => language === "text");

/** The numbers of the README's rollout; how they are shown is the program's. */
const line = (of: Partial<Evidence> & Pick<Evidence, "metric" | "role" | "note">): Evidence => ({
  n: { candidate: 70, control: 58 },
  mean: { candidate: 0, control: 0 },
  diff: 0,
  ci: null,
  p: null,
  z: null,
  boundary: null,
  verdict: "ok",
  ...of,
});
const reading = (
  of: Pick<MetricReading, "metric" | "kind" | "direction"> & Partial<MetricReading>,
): MetricReading => ({
  role: "guardrail",
  claim: "non_inferior",
  harm: null,
  release: null,
  tolerated: 0,
  allowed: null,
  ...of,
});
const NO_EVENTS = { candidate: { events: 0, units: 70 }, control: { events: 0, units: 58 } };
const STATUS: RolloutStatus = {
  rolloutId: "r",
  prompt: "support-reply",
  label: "production",
  model: null,
  tenant: null,
  candidate: "support-reply@2",
  baseline: "support-reply@1",
  phase: "canary",
  outcome: null,
  reason: "no harm so far; 3 seconds of this stage are left",
  stage: 2,
  stages: 3,
  share: 25,
  paused: false,
  units: { candidate: 141, control: 141 },
  evidence: [
    line({
      metric: "rating",
      role: "goal",
      mean: { candidate: 4.3, control: 3.5 },
      diff: 0.8,
      ci: [0.265, 1.335],
      note: "rating 4.3 against 3.5, over 70 and 58 units: no proven harm",
    }),
    line({
      metric: "latency_ms",
      role: "guardrail",
      mean: { candidate: 26.77, control: 26.51 },
      diff: 0.258,
      ci: [-2.19, 2.705],
      note: "latency_ms 26.77 against 26.51, over 70 and 58 units: no proven harm (up to 50 % worse is tolerated)",
    }),
    line({ metric: "error", role: "guardrail", ci: [-0.0798, 0.0798], note: "no error in either arm yet" }),
    line({
      metric: "error",
      role: "fuse",
      diff: null,
      note: "fuse: error is 0 % over 70 candidate units, within its limit of 20 %",
    }),
    line({
      metric: "exposures",
      role: "split",
      n: { candidate: 108, control: 104 },
      mean: { candidate: null, control: null },
      diff: null,
      note: "108 candidate and 104 control units: the split is as it should be",
    }),
  ],
  intake: { unenrolled: 1527 },
  verdict: "continue",
  startedAt: new Date().toISOString(),
  endedAt: null,
  startedBy: "demo",
  workflowId: "w",
  runId: "r",
  setting: {
    ...settingOf({}),
    readings: [
      reading({ metric: "rating", role: "goal", kind: "mean", direction: "higher" }),
      reading({ metric: "latency_ms", kind: "mean", direction: "lower" }),
      reading({ metric: "error", kind: "rare", direction: "lower", claim: "limit", counts: NO_EVENTS }),
    ],
    fuses: [{ metric: "error", above: 0.2, isShare: true, now: 0, beyond: false, both: false }],
    stage: { until: new Date(Date.now() + 3_000).toISOString(), unitsLeft: 0 },
  },
};
const URL =
  "http://127.0.0.1:8233/namespaces/default/workflows/rollout%3Aproduction%3Asupport-reply%3A-%3A-/01a1fb1a-3bc0-7134-96c8-824e26043bec";
const scene = (number: number, status: Partial<RolloutStatus>, more: Partial<Scene> = {}): Scene => ({
  chapter: CHAPTERS[number - 1]!,
  number,
  status: { ...STATUS, candidate: `support-reply@${number}`, ...status },
  gate: undefined,
  workflowUrl: URL,
  ...more,
});

it("the rollout that the README shows is drawn as the demo draws one", () => {
  let drawn = "";
  const view = liveView({
    write: (text) => (drawn += text),
    size: () => ({ columns: 90, rows: 60 }),
    color: false,
    paint: createPaint(false),
  });
  const gate = {
    verdict: "insufficient",
    looks: "fine",
    reason:
      "it looks fine: 100 % of 14 cases passed, as of the baseline, but a fall of up to 16 points cannot be ruled out with 14 cases (5 points accepted; that takes 52 cases or more)",
    results: 28,
    findings: [],
  } as const;
  const byVersion = { "1": 1801, "2": 142 };
  view.scene(scene(2, {}, { gate }), { users: 1946, errors: 0, byVersion });
  expect(settled(drawn.trim().split("\n"))).toEqual(settled(shown!.text.trim().split("\n")));
});

it("the ending that the README shows has the demo's table", () => {
  const took = (seconds: number) => ({
    phase: "done" as const,
    startedAt: "2026-01-01T12:00:00.000Z",
    endedAt: new Date(Date.parse("2026-01-01T12:00:00.000Z") + seconds * 1000).toISOString(),
  });
  const units = (candidate: number, control: number) => ({ units: { candidate, control } });
  const table = endingTable(
    [
      scene(1, { ...took(1), ...units(0, 0), outcome: "promoted", stage: 0 }),
      scene(2, { ...took(16), ...units(308, 308), outcome: "promoted", stage: 3 }),
      scene(3, { ...took(7), ...units(50, 46), outcome: "rolled_back", stage: 1 }),
      scene(4, { ...took(0), ...units(0, 0), outcome: "rejected", stage: 0 }),
    ],
    80,
  );
  expect(table).toEqual(ending!.text.trim().split("\n"));
});

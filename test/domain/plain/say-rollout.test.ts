import { describe, expect, it } from "vitest";
import type { RolloutSetting } from "../../../src/domain/rollout/reading.ts";
import type { RolloutStatus } from "../../../src/domain/rollout/rollout.ts";
import type { Evidence } from "../../../src/domain/rollout/verdict.ts";
import { sayRollout } from "../../../src/domain/plain/say-rollout.ts";
import { settingOf } from "../../../src/domain/plain/telling.ts";
import { sayServices } from "../../../src/domain/plain/say-services.ts";
import { sayTests } from "../../../src/domain/plain/say-tests.ts";
import { sayTokens } from "../../../src/domain/plain/say-tokens.ts";
import { sayStale } from "../../../src/domain/plain/say-quality.ts";
import { inOneLine } from "../../../src/domain/plain/said.ts";

const NOW = Date.parse("2026-11-28T12:00:00Z");
const telling = { msUntil: (iso: string) => Date.parse(iso) - NOW, time: (iso: string) => iso.slice(11, 16) };

const rating: Evidence = {
  metric: "rating",
  role: "goal",
  n: { candidate: 640, control: 640 },
  mean: { candidate: 4.05, control: 3.98 },
  diff: 0.07,
  ci: [-0.12, 0.03],
  p: 1,
  z: null,
  boundary: null,
  verdict: "ok",
  note: "",
};
const setting: RolloutSetting = {
  ...settingOf({}),
  names: { rating: { unit: "stars" } },
  readings: [
    {
      metric: "rating",
      role: "goal",
      kind: "mean",
      direction: "higher",
      claim: "non_inferior",
      harm: { scale: "difference", line: 0, edge: -0.012, beyond: true },
      release: { scale: "difference", line: -0.1, edge: -0.16, beyond: false },
      tolerated: 0,
      allowed: 0.1,
    },
  ],
  stage: { until: "2026-11-28T18:00:00Z", unitsLeft: 40 },
  maxUnits: 9_000,
};
const tests = {
  verdict: "pass",
  answers: 48,
  cases: 24,
  passed: 24,
  errors: 0,
  passRate: 1,
  baselinePassRate: 1,
  fall: [-0.02, 0.1],
  minPassRate: 0.9,
  maxRegression: 0.05,
  looks: null,
  finding: null,
} as const;

const status: RolloutStatus = {
  rolloutId: "r",
  prompt: "support-reply",
  label: "production",
  model: null,
  tenant: null,
  candidate: "support-reply@8",
  baseline: "support-reply@7",
  phase: "canary",
  outcome: null,
  reason: null,
  stage: 2,
  stages: 3,
  share: 25,
  paused: false,
  units: { candidate: 86, control: 80 },
  evidence: [rating],
  verdict: "continue",
  startedAt: "2026-11-27T12:00:00Z",
  endedAt: null,
  startedBy: "anna",
  workflowId: "w",
  runId: null,
  setting,
};
const harm = { ...rating, mean: { candidate: 3.56, control: 3.98 }, diff: -0.42, verdict: "harm" } as const;
const fleet = { confirmed: 12, live: 12, ms: 41, missing: [] };
const ended = (outcome: RolloutStatus["outcome"], more: Partial<RolloutStatus>): Partial<RolloutStatus> => ({
  phase: "done",
  outcome,
  endedAt: "2026-11-28T18:50:00Z",
  ...more,
});
const approval = { needed: 2, given: ["rea"], until: "2026-11-29T14:00:00Z" };

const say = (more: Partial<RolloutStatus>) => {
  const { word, text } = sayRollout({ ...status, ...more }, telling);
  return `${word} | ${text}`;
};

describe("where a rollout is, in a headline and a sentence", () => {
  it.each<[string, Partial<RolloutStatus>, string]>([
    [
      "starting",
      { phase: "validating" },
      "Starting | Checking the version and its rules. This takes seconds.",
    ],
    [
      "testing",
      { phase: "evaluating", setting: { ...setting, tests: { ...tests, answers: 9 } } },
      "Running the tests | 9 answers so far. No user sees the new version yet.",
    ],
    [
      "waiting before users",
      { phase: "awaiting_approval", waitingFor: "canary", setting: { ...setting, tests, approval } },
      "Waiting for a yes | The tests passed (24 of 24). One more person has to agree before any user sees it, until 14:00; after that it is turned down.",
    ],
    [
      "waiting before everybody",
      {
        phase: "awaiting_approval",
        waitingFor: "promote",
        setting: { ...setting, approval: { ...approval, given: [] } },
      },
      "Good enough. Waiting for a yes | Everything that had to be shown is shown. 2 more people have to agree, until 14:00; after that it is turned down.",
    ],
    [
      "a canary",
      {},
      "Being tried by 25 % of users | Nothing got worse so far. 6 hours and 40 users in each group are left at this share.",
    ],
    [
      "of customers",
      { setting: { ...setting, users: "customers", stage: null } },
      "Being tried by 25 % of customers | Nothing got worse so far.",
    ],
    ["nothing measured", { evidence: [] }, "Being tried by 25 % of users | Nothing has been measured yet."],
    [
      "its last stage",
      {
        share: 50,
        evidence: [{ ...rating, verdict: "not_yet" }],
        setting: { ...setting, lastStage: true, stage: null },
      },
      "Being tried by 50 % of users | Nothing got worse so far. Rating: not certain yet. In the worst case 0.16 stars worse; 0.1 stars are allowed.",
    ],
    [
      "paused",
      { paused: true, setting: { ...setting, pausedBy: { by: "ann", why: "a sale" } } },
      "Paused by ann | 25 % keep the new version. It neither grows nor is released. Harm still rolls it back. “a sale”",
    ],
    [
      "on hold",
      {
        evidence: [
          rating,
          {
            ...rating,
            metric: "exposures",
            role: "split",
            n: { candidate: 312, control: 420 },
            p: 0.002,
            verdict: "ok",
          },
        ],
      },
      "On hold | Uneven. 312 and 420 users where equal numbers were expected. Nothing moves until it settles. Somebody should look: does every service ask for the version by the user?",
    ],
    [
      "unattended",
      { setting: { ...setting, unattendedSince: "2026-11-28T11:07:00Z" } },
      "Unattended | No worker has looked in time, so every service went back to @7 by itself at 11:07. It goes on when a worker is back.",
    ],
    [
      "undecided and held",
      { waitingFor: "operator", reason: "it is still open" },
      "Not decided | it is still open. 25 % of users keep it until somebody releases or stops it.",
    ],
    [
      "watched",
      { phase: "watching", share: 5, setting: { ...setting, watchedUntil: "2026-11-28T15:30:00Z" } },
      "Released, still watched | Everybody has it but 5 %, who keep @7 for comparison until 15:30. Harm still rolls it back.",
    ],
    [
      "promoting",
      { phase: "promoting", fleet: { ...fleet, confirmed: 9 } },
      "Being released | Everybody is about to get it. 9 of 12 services confirmed.",
    ],
    [
      "promoted",
      ended("promoted", {
        evidence: [
          { ...rating, verdict: "met" },
          { ...rating, metric: "latency_ms", role: "guardrail" },
        ],
        fleet,
      }),
      "Released to everybody | Rating against @7: in the worst case 0.16 stars worse; 0.1 stars are allowed. Nothing else got worse. 12 of 12 services confirmed.",
    ],
    [
      "first version",
      ended("promoted", {
        baseline: null,
        evidence: [],
        gate: { verdict: "pass", looks: null, reason: null, results: 24, findings: [] },
      }),
      "Released to everybody | The first version: the tests passed, and there was nothing to compare with.",
    ],
    [
      "by hand",
      ended("promoted", {
        reason: "an operator asked for promotion, and nothing shows harm; passes over: stage 1 of 3",
      }),
      "Released by hand | Before the proof was complete, and nothing showed harm.",
    ],
    [
      "rejected by the gate",
      ended("rejected", {
        units: { candidate: 0, control: 0 },
        gate: { verdict: "fail", looks: null, reason: "x", results: 28, findings: [] },
        reason: "gate: x",
        setting: { ...setting, tests: { ...tests, verdict: "fail", passed: 22, passRate: 22 / 24 } },
      }),
      "Stopped by the tests | Fails. 22 of 24 cases passed, @7 passes 24; certainly more than the 5 points that are allowed are lost. No user has seen it.",
    ],
    [
      "rejected by a person",
      ended("rejected", { reason: "rejected by rea: not now" }),
      "Turned down by rea | “not now” 86 users had seen it.",
    ],
    [
      "nobody answered",
      ended("rejected", {
        reason: "nobody approved in time (before canary)",
        units: { candidate: 0, control: 0 },
      }),
      "Nobody said yes in time | It was turned down. No user has seen it.",
    ],
    [
      "harm",
      ended("rolled_back", { verdict: "harm", evidence: [harm] }),
      "Rolled back | Rating: about 0.42 stars worse, certainly at least 0.012 stars. 86 users had seen it. Everybody gets @7 again since 18:50.",
    ],
    [
      "fuse",
      ended("rolled_back", {
        verdict: "fuse",
        evidence: [{ ...rating, metric: "error", role: "fuse", verdict: "breached" }],
        setting: {
          ...setting,
          fuses: [{ metric: "error", above: 0.2, isShare: true, now: 0.24, beyond: true, both: false }],
        },
      }),
      "Emergency stop | Errors: 24 % is over the limit of 20 %. 86 users had seen it. Everybody gets @7 again since 18:50.",
    ],
    [
      "unfair",
      ended("rolled_back", {
        verdict: "invalid",
        evidence: [
          {
            ...rating,
            metric: "exposures",
            role: "split",
            n: { candidate: 312, control: 480 },
            verdict: "invalid",
          },
        ],
      }),
      "Rolled back: the comparison was not fair | 312 and 480 users where equal numbers were expected. This says nothing about the version. Check that services ask for the version by the user, then try again. Everybody gets @7 again since 18:50.",
    ],
    [
      "by an operator",
      ended("rolled_back", { reason: "rolled back by an operator: users complain" }),
      "Rolled back by hand | “users complain” Everybody gets @7 again since 18:50.",
    ],
    [
      "aborted",
      ended("aborted", { reason: "aborted by ann: wrong version" }),
      "Stopped by ann | “wrong version” Everybody gets @7.",
    ],
    [
      "inconclusive",
      ended("inconclusive", { verdict: "inconclusive" }),
      "Not decided | After 80 users in each group it is still open: rating can be anything from 0.12 stars worse to 0.03 stars better; 0.1 stars worse is allowed. Everybody gets @7.",
    ],
    [
      "no data",
      ended("inconclusive", { verdict: "no_data" }),
      "Nothing was measured | No value of any metric arrived. Check that services record it. Everybody gets @7.",
    ],
    [
      "overtaken",
      ended("superseded", {}),
      "Overtaken | Somebody moved production meanwhile: what they made it serve is served. 86 users had seen it.",
    ],
    [
      "broken",
      ended("failed", {
        reason: "the store stayed away",
        setting: { ...setting, deadLetterId: "3f2a1b2c-0000" },
      }),
      "Broke down | The store stayed away. Everybody gets @7. What is left to do is in dead letter 3f2a1b2c.",
    ],
  ])("%s", (_, more, sentence) => {
    expect(say(more)).toBe(sentence);
  });

  it("a status of before it had readings is told all the same", () => {
    const { setting: _, ...old } = status;
    expect(sayRollout(old, telling).word).toBe("Being tried by 25 % of users");
  });
});

describe("tests, services, tokens and silence", () => {
  it.each([
    [sayTests(tests, "@7"), "Passes. 24 of 24 cases passed, @7 passes 24."],
    [sayTests({ ...tests, baselinePassRate: null }, null), "Passes. 24 of 24 cases passed."],
    [
      sayTests({ ...tests, verdict: "fail", passRate: 0.7 }, "@7"),
      "Fails. 70 % of the cases passed, 90 % are asked for.",
    ],
    [
      sayTests(
        { ...tests, verdict: "fail", failedBy: { model: "anthropic/claude-haiku-4-5", passRate: 0.6 } },
        "@7",
      ),
      "Fails. Of its fallback anthropic/claude-haiku-4-5 60 % passed, 90 % are asked for. With its own model 24 of 24 cases passed.",
    ],
    [
      sayTests({ ...tests, verdict: "insufficient", passed: 23, looks: "fine" }, "@7"),
      "Cannot tell. 23 of 24 cases passed, @7 passes 24. With 24 cases nothing under 10 points can be ruled out; 5 points are allowed. Nothing looks worse: users decide.",
    ],
    [
      sayTests({ ...tests, verdict: "insufficient", errors: 3 }, "@7"),
      "Open. 3 of 48 answers never came; that is never counted as passed.",
    ],
    [sayTests({ ...tests, verdict: null, answers: 9 }, "@7"), "Running. 9 answers so far."],
    [
      sayTests({ ...tests, verdict: "fail", finding: "it holds a secret." }, "@7"),
      "Fails before any model was asked. it holds a secret.",
    ],
    [sayServices(fleet), "All 12 services have it. It took 41 ms."],
    [
      sayServices({
        ...fleet,
        confirmed: 11,
        missing: [{ id: "i", host: "web-3", pid: 4711, revision: 6, seenMsAgo: 12_000 }],
      }),
      "11 of 12 services have it. Not yet: web-3/4711, heard of 12 s ago, still serves revision 6.",
    ],
    [
      sayTokens({ before: "@7", tokens: { now: 312, before: 274 }, moreCost: 1.2, better: null }),
      "14 % more tokens than @7 (312 against 274 a call, about $1.20 more per 1,000 calls), and ratings are not better.",
    ],
    [
      sayTokens({ before: "@7", tokens: { now: 312, before: 274 }, moreCost: null, better: 0.11 }),
      "14 % more tokens than @7 (312 against 274 a call), and ratings are better by 0.11.",
    ],
    [
      sayStale("rating", { silentMs: 22 * 60_000, allowedMs: 600_000 }, { names: {} }),
      "Nothing heard. No rating from the new version for 22 minutes; 10 are allowed.",
    ],
  ])("%#", (found, sentence) => {
    expect(inOneLine(found)).toBe(sentence);
  });
});

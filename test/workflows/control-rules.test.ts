import { describe, expect, it } from "vitest";
import type { Phase } from "../../src/domain/rollout/rollout.ts";
import { refusalOf, type ControlledState } from "../../workflows/control-rules.ts";
import type { ControlName } from "../../src/protocol/names.ts";

const BASE: ControlledState = {
  input: {
    rolloutId: "r1",
    requestId: "q",
    scope: { label: "production", prompt: "p", model: "", tenant: "" },
    candidateVersion: "v2",
    candidate: "p@2",
    policySha256: "",
    datasetSha256: null,
    startedBy: null,
  },
  phase: "validating",
  stage: 0,
  paused: false,
  onHold: false,
  waitingFor: null,
  ending: null,
  outcome: null,
};

/** Every place a rollout can be in, with the state that it has there. */
const PLACES = {
  validating: {},
  evaluating: { phase: "evaluating" },
  "awaiting approval before the canary": { phase: "awaiting_approval", waitingFor: "approval" },
  canary: { phase: "canary", stage: 1 },
  "paused canary": { phase: "canary", stage: 1, paused: true },
  "on hold": { phase: "awaiting_approval", stage: 2, onHold: true, waitingFor: "an operator" },
  "awaiting approval before promotion": { phase: "awaiting_approval", stage: 2, waitingFor: "approval" },
  promoting: { phase: "promoting", stage: 2 },
  watching: { phase: "watching", stage: 2 },
  "ending a watch": { phase: "watching", stage: 2, ending: "promoted" },
  "rolling back": { phase: "rolling_back", stage: 1, ending: "rolled_back" },
  "ending at a rejection": { phase: "awaiting_approval", ending: "rejected" },
  rejected: { phase: "done", outcome: "rejected" },
  done: { phase: "done", stage: 1, outcome: "promoted" },
} as const satisfies Record<string, Partial<ControlledState> & { phase?: Phase }>;
type Place = keyof typeof PLACES;

const TAKEN = undefined;
/** A decision that comes to what it has brought about, as it was read from its row, is no mistake of anybody's. */
const READ: Partial<Record<ControlName, Partial<Record<Place, undefined>>>> = {
  approve: { "ending a watch": TAKEN, done: TAKEN },
  reject: { "ending at a rejection": TAKEN, rejected: TAKEN },
};
const OVER: Partial<Record<Place, RegExp>> = {
  "ending a watch": /is ending: promoted/,
  "rolling back": /is ending: rolled_back/,
  "ending at a rejection": /is ending: rejected/,
  rejected: /has ended: rejected/,
  done: /has ended: promoted/,
};
/** What is refused, by control and place; whatever is not named is taken. */
const REFUSED: Record<ControlName, Partial<Record<Place, RegExp>>> = {
  abort: { promoting: /being promoted; take it back with: sluice rollback/ },
  pause: { promoting: /being promoted/, watching: /nothing left to pause/ },
  resume: {},
  approve: {},
  reject: {},
  promote: {
    validating: /in phase validating: only a canary/,
    evaluating: /in phase evaluating: only a canary/,
    "awaiting approval before the canary": /waits for approval/,
    "paused canary": /is paused: resume it first/,
    "awaiting approval before promotion": /waits for approval/,
    promoting: /is being promoted/,
    watching: /is promoted already/,
  },
};

describe("what an operator asks of a rollout", () => {
  const cases = (Object.keys(REFUSED) as ControlName[]).flatMap((control) =>
    (Object.keys(PLACES) as Place[]).map((place) => {
      const refusal = { ...REFUSED[control], ...OVER, ...READ[control] }[place] ?? TAKEN;
      return { control, place, refusal, what: refusal ? "is refused" : "is taken" };
    }),
  );
  it.each(cases)("$control, while it is $place, $what", ({ control, place, refusal }) => {
    const answer = refusalOf(control, { ...BASE, ...PLACES[place] }, {});
    if (refusal) expect(answer).toMatch(refusal);
    else expect(answer).toBeUndefined();
  });

  it("is refused when another rollout was meant, wherever this one is", () => {
    for (const control of Object.keys(REFUSED) as ControlName[])
      expect(refusalOf(control, { ...BASE, ...PLACES.canary }, { rolloutId: "r0" })).toMatch(
        /rollout r0 does not run here; rollout r1 of p@2 does/,
      );
    expect(refusalOf("abort", { ...BASE, ...PLACES.canary }, { rolloutId: "r1" })).toBeUndefined();
  });
});

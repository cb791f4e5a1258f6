import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { CancellationScope } from "@temporalio/workflow";
import { describe, expect, it } from "vitest";
import { endingOf } from "../../workflows/ending.ts";
import { newState } from "../../workflows/rollout-state.ts";

const story = (consideredCancelled: boolean) => ({ consideredCancelled }) as CancellationScope;
const state = () =>
  newState({
    rolloutId: "r1",
    requestId: "q",
    scope: { label: "production", prompt: "p", model: "", tenant: "" },
    candidateVersion: "v2",
    candidate: "p@2",
    policySha256: "",
    datasetSha256: null,
    startedBy: null,
  });
const broken = new Error("Activity task failed", {
  cause: ApplicationFailure.nonRetryable("relation does not exist", "internal", {}, { attempt: 3 }),
});

describe("a step's error", () => {
  it("is the end of a rollout that nobody has ended, with what was left undone", () => {
    expect(endingOf({ ...state(), phase: "canary" }, story(false), broken)).toEqual({
      outcome: "failed",
      reason: "relation does not exist",
      undone: { operation: "rollout:canary", code: "internal", attempts: 3 },
    });
  });

  it("does not take the place of an abort that was acknowledged while the step was tried again", () => {
    const aborted = { ...state(), aborted: { by: "ann", reason: "wrong text" } };
    expect(endingOf(aborted, story(true), broken)).toEqual({
      outcome: "aborted",
      reason: "aborted by ann: wrong text",
    });
  });

  it("does not take the place of a cancellation in Temporal", () => {
    const cancelled = { outcome: "aborted", reason: "cancelled in Temporal" };
    expect(endingOf(state(), story(true), broken)).toEqual(cancelled);
    expect(endingOf(state(), story(false), new CancelledFailure("cancelled"))).toEqual(cancelled);
  });

  it("that is a mistake in what was written rejects the version, without anything to do again", () => {
    const mistake = ApplicationFailure.create({
      message: "golden.yaml: case 3 has no vars",
      type: "invalid_input",
      cause: ApplicationFailure.nonRetryable("what was thrown", "SluiceError"),
    });
    const evaluating = { ...state(), phase: "evaluating" as const };
    expect(endingOf(evaluating, story(false), new Error("child", { cause: mistake }))).toEqual({
      outcome: "rejected",
      reason: "gate: golden.yaml: case 3 has no vars",
    });
  });
});

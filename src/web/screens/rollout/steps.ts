import type { RolloutHistory } from "../../../domain/shapes/rollout-record.ts";
import type { ShownRollout } from "./shown-rollout.ts";

export type StepState = "done" | "now" | "later" | "stopped";

export interface Step {
  readonly name: string;
  readonly state: StepState;
  /** When it was reached. */
  readonly at?: string;
  readonly fact?: string;
}

/** Of a stage in a policy: buckets of 10,000. */
const BUCKETS_OF_A_PERCENT = 100;

/** Tests, each share, everybody: how far a rollout has come on its way. */
export function stepsOf(status: ShownRollout, record: RolloutHistory | undefined): Step[] {
  const { phase, outcome, stage, gate } = status;
  const policy = record?.policy;
  const shares = policy?.canary?.stages.map(({ share }) => share / BUCKETS_OF_A_PERCENT) ?? [];
  const opened = (record?.audit ?? []).filter(({ action }) => action === "stage_opened");
  const isReleased = outcome === "promoted" || phase === "promoting" || phase === "watching";
  const steps: Step[] = [];
  if (gate) {
    const isRunning = phase === "validating" || phase === "evaluating";
    const state = isRunning ? "now" : outcome !== null && stage === 0 && !isReleased ? "stopped" : "done";
    steps.push({ name: "Tests", state, ...factOf(status) });
  }
  if (phase === "awaiting_approval") steps.push({ name: "Approval", state: "now", fact: "waits for a yes" });
  for (const [index, share] of shares.entries()) {
    const at = opened[index]?.at;
    steps.push({
      name: `${Number(share.toFixed(2))} %`,
      state: stateOf(index + 1, status, isReleased),
      ...(at !== undefined && { at }),
      ...(at === undefined && {
        fact: index < stage ? "" : isReleased ? "skipped" : outcome === null ? "not yet" : "never reached",
      }),
    });
  }
  steps.push({
    name: "Everybody",
    state: outcome === "promoted" || phase === "watching" ? "done" : phase === "promoting" ? "now" : "later",
    ...(outcome === "promoted" && status.endedAt !== null
      ? { at: status.endedAt }
      : { fact: everybody(status) }),
  });
  return steps;
}

function stateOf(number: number, { outcome, phase, stage }: ShownRollout, isReleased: boolean): StepState {
  if (isReleased || number < stage) return "done";
  if (number > stage) return "later";
  if (outcome !== null || phase === "rolling_back") return "stopped";
  return phase === "canary" ? "now" : "done";
}

function factOf({ gate, setting }: ShownRollout): { fact?: string } {
  const tests = setting?.tests;
  if (tests && tests.verdict !== null) return { fact: `${tests.passed} of ${tests.cases} passed` };
  return gate?.verdict ? { fact: gate.verdict === "pass" ? "passed" : gate.verdict } : {};
}

function everybody({ outcome, phase }: ShownRollout): string {
  if (outcome !== null && outcome !== "promoted") return "never reached";
  return phase === "watching" ? "still watched" : "not yet";
}

import type { RolloutCurve } from "../../../domain/shapes/curve.ts";
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

/** Tests, approvals, each share, everybody, watched: how far a rollout has come on its way. */
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
  const reached = { canary: stage > 0 || isReleased, promote: isReleased };
  steps.push(...approvalStep("canary", status, record, reached));
  for (const [index, share] of shares.entries()) {
    const at = opened.find(({ details }) => details["stage"] === index + 1)?.at;
    steps.push({
      name: `${Number(share.toFixed(2))} %`,
      state: stateOf(index + 1, status, isReleased),
      ...(at !== undefined && { at }),
      ...(at === undefined && {
        fact: index < stage ? "" : isReleased ? "skipped" : outcome === null ? "not yet" : "never reached",
      }),
    });
  }
  steps.push(...approvalStep("promote", status, record, reached));
  steps.push({
    name: "Everybody",
    state: outcome === "promoted" || phase === "watching" ? "done" : phase === "promoting" ? "now" : "later",
    ...(outcome === "promoted" && status.endedAt !== null
      ? { at: status.endedAt }
      : { fact: everybody(status) }),
  });
  if (policy?.watch)
    steps.push({
      name: "Watched",
      state: phase === "watching" ? "now" : outcome === "promoted" ? "done" : "later",
      fact: phase === "watching" ? "at this moment" : outcome === "promoted" ? "to the end" : "not yet",
    });
  return steps;
}

/** Where people have to agree: who did, or that one waits for them; nothing where nobody has to. */
function approvalStep(
  point: "canary" | "promote",
  { waitingFor, outcome }: Pick<ShownRollout, "waitingFor" | "outcome">,
  record: Pick<RolloutHistory, "policy" | "approvals"> | undefined,
  reached: Readonly<Record<"canary" | "promote", boolean>>,
): Step[] {
  if (waitingFor === point) return [{ name: APPROVAL[point], state: "now", fact: "waits for a yes" }];
  const given = (record?.approvals ?? []).filter((one) => one.point === point);
  const last = given.at(-1);
  const isAsked = record?.policy.approval?.before.includes(point) ?? false;
  if (!isAsked && !last) return [];
  if (last && !last.decision.startsWith("approve"))
    return [{ name: APPROVAL[point], state: "stopped", fact: `${last.asserted || last.login} said no` }];
  if (!reached[point])
    return [{ name: APPROVAL[point], state: "later", fact: outcome === null ? "not yet" : "never reached" }];
  return [{ name: APPROVAL[point], state: "done", fact: last ? last.asserted || last.login : "" }];
}

const APPROVAL = { canary: "Approval", promote: "Approval to release" } as const;

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

/** What else happened on the way, the oldest first: a stage that was opened again, a pause, a time without a worker. */
export function happenedOnTheWay(
  record: Pick<RolloutHistory, "audit"> | undefined,
  curve: Pick<RolloutCurve, "marks"> | undefined,
): { readonly at: string; readonly text: string }[] {
  const opened = new Set<unknown>();
  const ofAudit = (record?.audit ?? []).flatMap(({ action, at, details }) => {
    if (action === "paused") return [{ at, text: "paused" }];
    if (action === "resumed") return [{ at, text: "went on" }];
    if (action !== "stage_opened") return [];
    const isAgain = opened.has(details["stage"]);
    opened.add(details["stage"]);
    return isAgain ? [{ at, text: "opened again: users are counted anew" }] : [];
  });
  const unattended = (curve?.marks ?? [])
    .filter(({ kind }) => kind === "unattended")
    .map(({ at }) => ({ at, text: "unattended: no worker had looked" }));
  return [...ofAudit, ...unattended].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

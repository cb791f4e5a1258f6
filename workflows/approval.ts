import type { BegunRollout } from "../src/protocol/activity-values.ts";
import { watchUntilDecided } from "./canary.ts";
import { interruptible } from "./interruptible.ts";
import { DECISION_HEARTBEAT_MS, lasting, records, watchers } from "./proxies.ts";
import { show, type RolloutState } from "./rollout-state.ts";

type Begun = Extract<BegunRollout, { begun: true }>;

export type ApprovalEnd =
  | { readonly approved: true }
  | {
      readonly approved: false;
      readonly outcome: "rejected" | "rolled_back" | "superseded";
      readonly reason: string;
    };

/** Waits until enough operators have approved, one has rejected, or the time is up. Before the canary: no traffic. */
export async function awaitApproval(
  state: RolloutState,
  plan: Begun,
  point: "canary" | "promote",
): Promise<ApprovalEnd> {
  const { rolloutId, candidate } = state.input;
  const deadline = Date.now() + plan.approvalTimeoutMs;
  state.waitingFor = `approval before ${point === "canary" ? "the canary" : "promotion"}: sluice rollout approve ${candidate} (${plan.approvers} needed)`;
  show(state, "awaiting_approval");
  await records.setPhase.executeWithOptions({ summary: "wait for approval" }, [
    { rolloutId, phase: "awaiting_approval", waitingFor: point },
  ]);
  for (let timeIsUp = false; ;) {
    const seen = state.decisionHints;
    // Read also when the time is up: what was decided before counts, whether or not anybody was told.
    const { decision, reason } = await records.readDecision.executeWithOptions(
      { summary: `decisions before ${point}` },
      [{ rolloutId, point, until: deadline }],
    );
    if (decision !== "waiting") state.waitingFor = null;
    if (decision === "approved") return { approved: true };
    if (decision === "rejected") return { approved: false, outcome: "rejected", reason };
    if (decision === "ended") return { approved: false, outcome: "superseded", reason };
    if (timeIsUp)
      return { approved: false, outcome: "rejected", reason: `nobody approved in time (before ${point})` };
    if (state.decisionHints > seen) continue;
    const waited = await waitForDecision(state, point, deadline, () => state.decisionHints > seen);
    if (typeof waited === "object") return waited;
    timeIsUp = waited === "deadline";
  }
}

/** Returns when there may be something to read. A canary keeps its traffic: it is watched for harm while operators think. */
async function waitForDecision(
  state: RolloutState,
  point: "canary" | "promote",
  until: number,
  interruptedBy: () => boolean,
): Promise<"look" | "deadline" | Extract<ApprovalEnd, { approved: false }>> {
  if (state.stage === 0) return awaitDecision(state, point, until);
  const watched = await watchUntilDecided(state, { frozen: true, until, awaits: point, interruptedBy });
  if (watched === "interrupted" || watched.verdict === "decided") return "look";
  if (watched.verdict === "deadline") return "deadline";
  const outcome = watched.verdict === "superseded" ? "superseded" : "rolled_back";
  return { approved: false, outcome, reason: watched.reason };
}

/** Without any traffic the table alone is looked at; a hint of a decision interrupts the wait. */
async function awaitDecision(
  state: RolloutState,
  point: "canary" | "promote",
  until: number,
): Promise<"look" | "deadline"> {
  const waited = await interruptible(state, () =>
    watchers.awaitDecision.executeWithOptions(
      { ...lasting(DECISION_HEARTBEAT_MS), summary: `wait for decisions before ${point}` },
      [{ rolloutId: state.input.rolloutId, point, until }],
    ),
  );
  return waited ?? "look";
}

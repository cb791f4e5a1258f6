import { condition } from "@temporalio/workflow";
import type { BegunRollout } from "../activities/types.ts";
import { records } from "./proxies.ts";
import { show, type RolloutState } from "./rollout-state.ts";
import { watchUntilDecided } from "./canary.ts";

type Begun = Extract<BegunRollout, { begun: true }>;

export type ApprovalEnd =
  | { readonly approved: true }
  | {
      readonly approved: false;
      readonly outcome: "rejected" | "rolled_back" | "superseded";
      readonly reason: string;
    };

/** Waits until enough people have approved, one has rejected, or the time is up. Before the canary: no traffic. */
export async function awaitApproval(
  state: RolloutState,
  plan: Begun,
  point: "canary" | "promote",
): Promise<ApprovalEnd> {
  const deadline = Date.now() + plan.approvalTimeoutMs;
  state.waitingFor = `approval before ${point === "canary" ? "the canary" : "promotion"}: sluice rollout approve ${state.input.candidate} (${plan.approvers} needed)`;
  await records.setPhase.executeWithOptions({ summary: "wait for approval" }, [
    { rolloutId: state.input.rolloutId, phase: "awaiting_approval" },
  ]);
  show(state, "awaiting_approval");
  for (;;) {
    const seen = state.decisionHints;
    const { decision, reason } = await records.readDecision.executeWithOptions(
      { summary: `decisions before ${point}` },
      [{ rolloutId: state.input.rolloutId, point }],
    );
    if (decision === "approved") {
      state.waitingFor = null;
      return { approved: true };
    }
    if (decision === "rejected") return { approved: false, outcome: "rejected", reason };
    const late = {
      approved: false,
      outcome: "rejected",
      reason: `nobody approved in time (before ${point})`,
    } as const;
    if (point === "canary") {
      const hinted = await condition(() => state.decisionHints > seen, deadline - Date.now());
      if (!hinted) return late;
      continue;
    }
    if (state.decisionHints > seen) continue;
    // The canary still has its traffic: it is watched for harm while people think.
    const watched = await watchUntilDecided(state, state.stages.length - 1, {
      frozen: true,
      until: deadline,
      interruptedBy: () => state.decisionHints > seen,
    });
    if (watched === "interrupted") continue;
    if (watched.verdict === "deadline") return late;
    if (watched.verdict === "superseded")
      return { approved: false, outcome: "superseded", reason: watched.reason };
    return { approved: false, outcome: "rolled_back", reason: watched.reason };
  }
}

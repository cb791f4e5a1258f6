import { sleep } from "@temporalio/activity";
import { watchHeartbeatMs } from "../src/domain/policy/watch-heartbeat.ts";
import type { Database } from "../src/storage/database.ts";
import { standingDecision } from "../src/storage/read/decision.ts";
import { rolloutOrThrow } from "../src/storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../src/storage/read/version.ts";
import { transact } from "../src/storage/transact.ts";
import { recordRun } from "../src/storage/write/record-workflow.ts";
import { setPaused, type Pause } from "../src/storage/write/set-paused.ts";
import { setPhase, type PhaseChange } from "../src/storage/write/set-phase.ts";
import { endOfWait } from "./end-of-wait.ts";
import type {
  BegunRollout,
  Decision,
  DecisionToRead,
  RolloutInput,
} from "../src/protocol/activity-values.ts";

export function rolloutActivities({ db }: { readonly db: Database }) {
  return {
    /** Takes up the rollout whose row is open, or says how it has ended before it began. */
    async beginRollout({
      rolloutId,
      runId,
    }: RolloutInput & { readonly runId: string }): Promise<BegunRollout> {
      const rollout = await rolloutOrThrow(db, rolloutId);
      if (rollout.outcome !== null)
        return { begun: false, outcome: rollout.outcome, reason: rollout.reason ?? "it had ended before" };
      await recordRun(db, { rolloutId, runId });
      const { policy } = rollout;
      const { canary } = policy;
      const baseline = rollout.baseline_version
        ? await findVersionById(db, rollout.baseline_version)
        : undefined;
      return {
        begun: true,
        baseline: baseline ? versionName(baseline) : null,
        isGateAlone: canary === undefined,
        stages: canary?.stages.map((stage) => stage.share) ?? [],
        hasGate: policy.gate !== undefined,
        onInsufficient: policy.gate?.on_insufficient ?? "reject",
        onInconclusive: canary?.on_inconclusive ?? "rollback",
        holdTimeoutMs: canary?.hold_timeout_ms ?? 0,
        approveBefore: policy.approval?.before ?? [],
        approvers: policy.approval?.approvers ?? 0,
        approvalTimeoutMs: policy.approval?.timeout_ms ?? 0,
        watchForMs: policy.watch?.for_ms ?? null,
        watchHeartbeatMs: canary ? watchHeartbeatMs(canary) : null,
        notifies: policy.notify.length > 0,
      };
    },

    async setPhase(change: PhaseChange): Promise<void> {
      await setPhase(db, change);
    },

    async setPaused(pause: Pause): Promise<{ readonly open: boolean }> {
      return transact(db, (transaction) => setPaused(transaction, pause));
    },

    readDecision: (wanted: DecisionToRead): Promise<Decision> => readDecision(db, wanted),

    /** Looks at the table until there is something to decide by, or the time is up. */
    async awaitDecision(wanted: DecisionToRead): Promise<"look" | "deadline"> {
      const endsAt = endOfWait(wanted.until);
      for (;;) {
        const { decision } = await readDecision(db, wanted);
        if (decision !== "waiting") return "look";
        const left = endsAt - performance.now();
        if (left <= 0) return "deadline";
        await sleep(Math.min(DECISION_LOOK_MS, left));
      }
    },

    /** Looks at the row until somebody has ended the rollout, for as long as one activity lasts at most. */
    async awaitEnd({ rolloutId }: { readonly rolloutId: string }): Promise<"ended" | "look"> {
      const endsAt = performance.now() + LONGEST_WAIT_MS;
      while (performance.now() < endsAt) {
        if ((await rolloutOrThrow(db, rolloutId)).outcome !== null) return "ended";
        await sleep(DECISION_LOOK_MS);
      }
      return "look";
    },
  };
}

/** Short of the time that one activity may last. */
const LONGEST_WAIT_MS = 5 * 3_600_000;

/** How soon a decision is seen of which nobody has told the workflow. */
const DECISION_LOOK_MS = 10_000;

async function readDecision(db: Database, { rolloutId, point, until }: DecisionToRead): Promise<Decision> {
  const rollout = await rolloutOrThrow(db, rolloutId);
  if (rollout.outcome !== null) return { decision: "ended", reason: rollout.reason ?? "it has ended" };
  const { decision, reason } = await standingDecision(db, rolloutId, point, new Date(until));
  return { decision, reason };
}

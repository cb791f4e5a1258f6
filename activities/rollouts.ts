import { sleep } from "@temporalio/activity";
import { SluiceError } from "../src/domain/errors.ts";
import type { RolloutPolicy } from "../src/domain/policy.ts";
import type { Database } from "../src/storage/database.ts";
import { standingDecision } from "../src/storage/read/decision.ts";
import { findDocument } from "../src/storage/read/document.ts";
import { findRollout } from "../src/storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../src/storage/read/version.ts";
import { transact } from "../src/storage/transact.ts";
import { beginRollout } from "../src/storage/write/begin-rollout.ts";
import { setPaused, type Pause } from "../src/storage/write/set-paused.ts";
import { setPhase, type PhaseChange } from "../src/storage/write/set-phase.ts";
import { endOfWait } from "./end-of-wait.ts";
import type { BegunRollout, Decision, DecisionToRead, RolloutInput } from "./types.ts";

export function rolloutActivities({ db }: { readonly db: Database }) {
  return {
    /** Opens the rollout, or says why it cannot be: another one runs, or the version is served already. */
    async beginRollout(input: RolloutInput & { readonly runId: string }): Promise<BegunRollout> {
      const document = await findDocument(db, input.policySha256);
      if (!document)
        throw new SluiceError(
          "not_found",
          `policy ${input.policySha256} is not stored; start the rollout again`,
        );
      const policy = document.body as RolloutPolicy;
      const move = await transact(db, (transaction) => beginRollout(transaction, { ...input, policy }));
      if (!move.moved) return { begun: false, outcome: "superseded", reason: move.message };
      const rollout = (await findRollout(db, input.rolloutId))!;
      const baseline = rollout.baseline_version
        ? await findVersionById(db, rollout.baseline_version)
        : undefined;
      return {
        begun: true,
        baseline: baseline ? versionName(baseline) : null,
        stages: policy.canary.stages.map((stage) => stage.share),
        hasGate: policy.gate !== undefined,
        onInsufficient: policy.gate?.on_insufficient ?? "reject",
        onInconclusive: policy.canary.on_inconclusive,
        holdTimeoutMs: policy.canary.hold_timeout_ms ?? 0,
        approveBefore: policy.approval?.before ?? [],
        approvers: policy.approval?.approvers ?? 0,
        approvalTimeoutMs: policy.approval?.timeout_ms ?? 0,
        watchForMs: policy.watch?.for_ms ?? null,
        notifies: policy.notify.length > 0,
      };
    },

    async setPhase(change: PhaseChange): Promise<void> {
      await setPhase(db, change);
    },

    async setPaused(pause: Pause): Promise<{ readonly open: boolean }> {
      return transact(db, (transaction) => setPaused(transaction, pause));
    },

    readDecision: (ask: DecisionToRead): Promise<Decision> => readDecision(db, ask),

    /** Looks at the table until there is something to decide by, or the time is up. */
    async awaitDecision(ask: DecisionToRead): Promise<"look" | "deadline"> {
      const endsAt = endOfWait(ask.until);
      for (;;) {
        const { decision } = await readDecision(db, ask);
        if (decision !== "waiting") return "look";
        const left = endsAt - performance.now();
        if (left <= 0) return "deadline";
        await sleep(Math.min(DECISION_LOOK_MS, left));
      }
    },
  };
}

/** How soon a decision is seen of which nobody has told the workflow. */
const DECISION_LOOK_MS = 10_000;

async function readDecision(db: Database, { rolloutId, point, until }: DecisionToRead): Promise<Decision> {
  const rollout = await findRollout(db, rolloutId);
  if (!rollout || rollout.outcome !== null)
    return { decision: "ended", reason: rollout?.reason ?? "the rollout has no row" };
  const { decision, reason } = await standingDecision(db, rolloutId, point, new Date(until));
  return { decision, reason };
}

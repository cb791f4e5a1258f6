import { SluiceError } from "../src/domain/errors.ts";
import type { RolloutPolicy } from "../src/domain/policy.ts";
import type { Database } from "../src/storage/database.ts";
import { standingDecision } from "../src/storage/read/decision.ts";
import { findDocument } from "../src/storage/read/document.ts";
import { findRollout, rolloutScope } from "../src/storage/read/rollout-row.ts";
import { findVersionById, versionName } from "../src/storage/read/version.ts";
import { transact } from "../src/storage/transact.ts";
import { appendAudit } from "../src/storage/write/append-audit.ts";
import { beginRollout } from "../src/storage/write/begin-rollout.ts";
import { setPhase } from "../src/storage/write/set-phase.ts";
import type { BegunRollout, Decision, PhaseChange, RolloutInput } from "./types.ts";

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
      if (change.paused === undefined) return;
      const rollout = await findRollout(db, change.rolloutId);
      if (!rollout) return;
      await transact(db, (transaction) =>
        appendAudit(transaction, {
          prompt: rollout.prompt,
          action: change.paused ? "paused" : "resumed",
          scope: rolloutScope(rollout),
          rolloutId: rollout.id,
          assertedActor: change.by ?? null,
        }),
      );
    },

    async readDecision(ask: {
      readonly rolloutId: string;
      readonly point: "canary" | "promote";
    }): Promise<Decision> {
      const { decision, reason } = await standingDecision(db, ask.rolloutId, ask.point);
      return { decision, reason };
    },
  };
}

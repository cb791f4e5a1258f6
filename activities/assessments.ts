import { cancellationSignal, Context, sleep } from "@temporalio/activity";
import type { AssessmentInput } from "../src/statistics/assessment.ts";
import { decide } from "../src/statistics/decide.ts";
import type { Assessment } from "../src/domain/verdict.ts";
import type { Database } from "../src/storage/database.ts";
import { epochOfRollout } from "../src/storage/read/pointer.ts";
import { newestAssessment, readRolloutEvidence } from "../src/storage/read/rollout-evidence.ts";
import { findRollout, type RolloutRow } from "../src/storage/read/rollout-row.ts";
import { foldUnits } from "../src/storage/write/fold-units.ts";
import { renewLease } from "../src/storage/write/renew-lease.ts";
import { saveAssessment } from "../src/storage/write/save-assessment.ts";
import type { StageWatch, WatchResult } from "./types.ts";

export function assessmentActivities({ db }: { readonly db: Database }) {
  return {
    /**
     * Minds one stage: renews the lease, and every interval folds, assesses and stores what it saw, until
     * there is something for the workflow to do. Started again after a crash it ticks at once.
     */
    watchStage: (watch: StageWatch): Promise<WatchResult> => mind(db, watch),
  };
}

async function mind(db: Database, watch: StageWatch): Promise<WatchResult> {
  const rollout = await findRollout(db, watch.rolloutId);
  if (!rollout) return nothing("superseded", "the rollout has no row");
  const { lease_ms, interval_ms } = rollout.policy.canary;
  let seen: Tick | undefined;
  let leaseDue = 0;
  let tickDue = 0;
  for (;;) {
    cancellationSignal().throwIfAborted();
    const now = Date.now();
    if (now >= leaseDue) {
      const lost = await keepLease(db, watch, lease_ms);
      if (lost) return { ...lost, ...shown(seen) };
      leaseDue = now + lease_ms / 3;
    }
    if (now >= tickDue) {
      const current = await findRollout(db, watch.rolloutId);
      if (!current || current.outcome !== null)
        return { ...shown(seen), verdict: "superseded", reason: current?.reason ?? "the rollout was closed" };
      seen = await tick(db, watch, current);
      const { verdict, reason } = seen.assessment;
      if (verdict !== "continue") return { ...shown(seen), verdict, reason };
      tickDue = Date.now() + interval_ms;
    }
    if (watch.until !== null && Date.now() >= watch.until)
      return { ...shown(seen), verdict: "deadline", reason: "the time is up" };
    const next = Math.min(leaseDue, tickDue, watch.until ?? Infinity);
    await sleep(Math.max(10, next - Date.now()));
  }
}

type Lost = Pick<WatchResult, "verdict" | "reason">;

async function keepLease(db: Database, watch: StageWatch, leaseMs: number): Promise<Lost | undefined> {
  const { rolloutId, epoch } = watch;
  if (await renewLease(db, { rolloutId, epoch, leaseMs })) return undefined;
  return (await epochOfRollout(db, rolloutId)) === epoch
    ? { verdict: "lapsed", reason: "the lease ran out, so resolvers took the candidate off" }
    : { verdict: "superseded", reason: "somebody else has moved the pointer" };
}

interface Tick {
  readonly number: number;
  readonly assessment: Assessment;
  readonly exposed: WatchResult["units"];
}

async function tick(db: Database, watch: StageWatch, rollout: RolloutRow): Promise<Tick> {
  await foldUnits(db, rollout.id);
  const last = await newestAssessment(db, rollout.id);
  const evidence = await readRolloutEvidence(db, rollout.id, watch.mode);
  const now = Date.now();
  const { canary, metrics } = rollout.policy;
  const input: AssessmentInput = {
    canary,
    metrics,
    ...evidence,
    stage: watch.stage,
    dwellMs: watch.frozen ? 0 : now - watch.enteredAt - watch.frozenMs,
    // On hold or at an approval the deadline that was given there ends it, not the canary's own.
    elapsedMs: watch.until !== null && watch.frozen ? 0 : now - (rollout.canary_started_at?.getTime() ?? now),
    frozen: watch.frozen,
    mode: watch.mode,
    promoteNow: watch.promoteNow,
    fuseStreaks: last?.assessment.fuseStreaks ?? {},
  };
  const assessment = decide(input, rollout.decision_version);
  const number = (last?.tick ?? 0) + 1;
  await saveAssessment(db, {
    rolloutId: rollout.id,
    tick: number,
    stage: watch.stage,
    epoch: watch.epoch,
    baselineVersion: rollout.baseline_version,
    assessment,
    inputs: input,
    codeVersion: rollout.decision_version,
  });
  Context.current().log.debug("tick", { rolloutId: rollout.id, tick: number, verdict: assessment.verdict });
  return { number, assessment, exposed: sum(evidence.exposures) };
}

function sum(exposures: AssessmentInput["exposures"]): WatchResult["units"] {
  return {
    candidate: exposures.reduce((total, epoch) => total + epoch.candidate, 0),
    control: exposures.reduce((total, epoch) => total + epoch.control, 0),
  };
}

function shown(seen: Tick | undefined): Pick<WatchResult, "ticks" | "units" | "metrics"> {
  if (!seen) return { ticks: 0, units: { candidate: 0, control: 0 }, metrics: [] };
  return {
    ticks: seen.number,
    units: seen.exposed,
    metrics: seen.assessment.evidence.map((line) => ({
      metric: line.metric,
      role: line.role,
      candidate: line.mean.candidate,
      control: line.mean.control,
      diff: line.diff,
      ci: line.ci,
      verdict: line.verdict,
    })),
  };
}

function nothing(verdict: WatchResult["verdict"], reason: string): WatchResult {
  return { verdict, reason, ...shown(undefined) };
}

import pLimit, { type LimitFunction } from "p-limit";
import { cancellationSignal, Context, sleep } from "@temporalio/activity";
import type { AssessmentInput } from "../src/statistics/decision/assessment.ts";
import { decide } from "../src/statistics/decision/decide.ts";
import { canaryOf } from "../src/domain/policy/policy.ts";
import { LOOK_TAKEN } from "../src/telemetry/channels.ts";
import type { Assessment } from "../src/domain/rollout/verdict.ts";
import type { Database } from "../src/storage/database.ts";
import { standingDecision } from "../src/storage/read/decision.ts";
import { servedVersion } from "../src/storage/read/pointer.ts";
import { lookAgeMs } from "../src/storage/read/look-age.ts";
import { newestAssessment, readRolloutEvidence } from "../src/storage/read/rollout-evidence.ts";
import {
  findRollout,
  rolloutOrThrow,
  rolloutScope,
  type RolloutRow,
} from "../src/storage/read/rollout-row.ts";
import { stageTimes } from "../src/storage/read/stage-times.ts";
import { foldUnits } from "../src/storage/write/fold-units.ts";
import { saveAssessment } from "../src/storage/write/save-assessment.ts";
import { endOfWait } from "./end-of-wait.ts";
import { LeaseLost, StageLease } from "./stage-lease.ts";
import type { ApprovalPoint, StageWatch, WatchResult } from "../src/protocol/activity-values.ts";

/** Stages of one worker that are looked at at the same moment: a thousand would wait for connections in vain. */
const LOOKS_AT_ONCE = 8;

export function assessmentActivities({ db }: { readonly db: Database }) {
  const turn = pLimit(LOOKS_AT_ONCE);
  return {
    /**
     * Watches one stage: renews the lease, and every interval folds, assesses and stores what it saw, until
     * there is something for the workflow to do. Started again, after a crash or because somebody paused or
     * resumed, it looks an interval after the last look: only a request to promote is a look of its own.
     */
    watchStage: (watch: StageWatch): Promise<WatchResult> => watchStage(db, watch, turn),
  };
}

async function watchStage(db: Database, watch: StageWatch, turn: LimitFunction): Promise<WatchResult> {
  const rollout = await turn(() => rolloutOrThrow(db, watch.rolloutId));
  const { lease_ms, interval_ms } = canaryOf(rollout.policy);
  const lease = new StageLease(db, watch, lease_ms);
  const endsAt = watch.until === null ? Infinity : endOfWait(watch.until);
  let seen: Tick | undefined;
  let tickAt = watch.promoteNow ? 0 : await turn(() => nextLook(db, rollout.id, interval_ms));
  try {
    for (;;) {
      cancellationSignal().throwIfAborted();
      await turn(() => lease.keep());
      if (performance.now() >= tickAt) {
        const looked = await turn(() => tick(db, watch, lease));
        if ("closed" in looked) return { ...shown(seen), verdict: "superseded", reason: looked.closed };
        seen = looked;
        const { verdict, reason } = seen.assessment;
        if (verdict !== "continue") return { ...shown(seen), verdict, reason };
        if (watch.promoteNow) return { ...shown(seen), verdict: "not_yet", reason };
        tickAt = performance.now() + interval_ms;
      }
      if (watch.awaits && (await turn(() => isDecided(db, watch.rolloutId, watch.awaits!))))
        return { ...shown(seen), verdict: "decided", reason: "operators have decided" };
      if (performance.now() >= endsAt)
        return { ...shown(seen), verdict: "deadline", reason: "the time is up" };
      await sleep(Math.max(10, Math.min(lease.dueAt, tickAt, endsAt) - performance.now()));
    }
  } catch (error) {
    if (error instanceof LeaseLost) return { ...shown(seen), ...error.result };
    throw error;
  }
}

/** When the next look is due, by this process's monotonic clock. A database's clock that was set makes it no later. */
async function nextLook(db: Database, rolloutId: string, intervalMs: number): Promise<number> {
  const ageMs = await lookAgeMs(db, rolloutId);
  const inMs = ageMs === null ? 0 : Math.min(intervalMs, Math.max(0, intervalMs - ageMs));
  return performance.now() + inMs;
}

async function isDecided(db: Database, rolloutId: string, point: ApprovalPoint): Promise<boolean> {
  return (await standingDecision(db, rolloutId, point)).decision !== "waiting";
}

interface Tick {
  readonly number: number;
  readonly assessment: Assessment;
  readonly exposed: WatchResult["units"];
}

async function tick(
  db: Database,
  watch: StageWatch,
  lease: StageLease,
): Promise<Tick | { readonly closed: string }> {
  cancellationSignal().throwIfAborted();
  const rollout = await findRollout(db, watch.rolloutId);
  if (!rollout || rollout.outcome !== null) return { closed: rollout?.reason ?? "the rollout was closed" };
  // A tenant's canary is compared with what it inherits: where that has moved, what comes in says nothing of it.
  if (
    watch.mode === "canary" &&
    (await servedVersion(db, rolloutScope(rollout))) !== rollout.baseline_version
  )
    return { closed: "the baseline has moved since the rollout started" };
  await foldUnits(db, rollout.id, async () => {
    cancellationSignal().throwIfAborted();
    await lease.keep();
  });
  for (;;) {
    const seen = await look(db, watch, rollout);
    // Another watcher that lingers has stored this number: look again, for no verdict counts that is not stored.
    if (seen === undefined) continue;
    LOOK_TAKEN.publish({ verdict: seen.assessment.verdict });
    Context.current().log.debug("tick", {
      rolloutId: rollout.id,
      tick: seen.number,
      verdict: seen.assessment.verdict,
    });
    return seen;
  }
}

/** Assesses what is folded, and stores it under the next number; undefined when that number is taken by now. */
async function look(db: Database, watch: StageWatch, rollout: RolloutRow): Promise<Tick | undefined> {
  const last = await newestAssessment(db, rollout.id);
  const evidence = await readRolloutEvidence(db, rollout.id, watch.mode);
  const { stageMs, canaryMs } = await stageTimes(db, watch);
  const { metrics } = rollout.policy;
  const canary = canaryOf(rollout.policy);
  const input: AssessmentInput = {
    canary,
    metrics,
    ...evidence,
    stage: watch.stage,
    dwellMs: watch.frozen ? 0 : stageMs - watch.frozenMs,
    // On hold or at an approval the deadline that was given there ends it, not the canary's own.
    elapsedMs: watch.until !== null && watch.frozen ? 0 : canaryMs,
    frozen: watch.frozen,
    mode: watch.mode,
    promoteNow: watch.promoteNow,
    attempt: rollout.attempt,
    ledger: rollout.ledger ?? undefined,
    fuseStreaks: last?.assessment.fuseStreaks ?? {},
    fuses: last?.assessment.fuses ?? {},
    baseRates: last?.assessment.baseRates ?? {},
  };
  const assessment = decide(input, rollout.decision_version);
  const number = (last?.tick ?? 0) + 1;
  const isStored = await saveAssessment(db, {
    rolloutId: rollout.id,
    tick: number,
    stage: watch.stage,
    epoch: watch.epoch,
    baselineVersion: rollout.baseline_version,
    assessment,
    inputs: input,
    codeVersion: rollout.decision_version,
  });
  return isStored ? { number, assessment, exposed: sum(evidence.exposures) } : undefined;
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

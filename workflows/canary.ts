import { condition, patched } from "@temporalio/workflow";
import type { BegunRollout, WatchResult } from "../src/protocol/activity-values.ts";
import { interruptible } from "./interruptible.ts";
import { DECISION_HEARTBEAT_MS, lasting, pointers, records, watchers } from "./proxies.ts";
import { show, type PromotionRequest, type RolloutState } from "./rollout-state.ts";
import type { Outcome } from "../src/domain/rollout/rollout.ts";

/** How a canary ends: with a promotion to make, or with an outcome. */
export type CanaryEnd =
  | { readonly promote: true; readonly reason: string }
  | { readonly promote: false; readonly outcome: Outcome; readonly reason: string };

type Begun = Extract<BegunRollout, { begun: true }>;

/** Takes the candidate through its stages until the evidence, an operator or the clock says how it ends. */
export async function runCanary(state: RolloutState, plan: Begun): Promise<CanaryEnd> {
  await untilResumed(state);
  show(state, "canary");
  for (let stage = 0; stage < plan.stages.length; stage++) {
    const opened = await openStage(state, stage);
    if (opened) return opened;
    const watched = await watchUntilDecided(state, { frozen: false, until: null });
    if (watched.verdict === "advance") continue;
    return endOf(state, plan, watched);
  }
  return { promote: false, outcome: "failed", reason: "the last stage ended without a verdict" };
}

/**
 * Before there is any traffic: what is paused goes no further. A rollout whose row was closed (by a rollback, which
 * needs Postgres alone and tells nobody here) has nothing to wait for.
 */
export async function untilResumed(state: RolloutState): Promise<void> {
  if (!state.paused) return;
  // What was paused by a worker of before this line waits as it did then.
  if (!patched("look-while-paused")) return condition(() => !state.paused || state.closed);
  while (state.paused && !state.closed) {
    const seen = await interruptible(state, () =>
      watchers.awaitEnd.executeWithOptions(
        { ...lasting(DECISION_HEARTBEAT_MS), summary: "paused: look whether it has been ended" },
        [{ rolloutId: state.input.rolloutId }],
      ),
    );
    if (seen === "ended") state.closed = true;
  }
}

/** Before a promotion: a paused canary keeps its traffic, watched for harm, until it is resumed. Gives how it ends instead. */
export async function watchWhilePaused(
  state: RolloutState,
  plan: Begun,
): Promise<Extract<CanaryEnd, { promote: false }> | undefined> {
  while (state.paused && !state.closed) {
    const watched = await watchUntilDecided(state, {
      frozen: true,
      until: null,
      interruptedBy: () => !state.paused,
    });
    if (watched === "interrupted") continue;
    const end = await endOf(state, plan, watched);
    if (!end.promote) return end;
  }
  return undefined;
}

async function openStage(
  state: RolloutState,
  stage: number,
  mode: "canary" | "holdback" = "canary",
): Promise<Extract<CanaryEnd, { promote: false }> | undefined> {
  const share = (state.stages[stage] ?? 0) / 100;
  const epoch = state.epoch + 1;
  const opened = await pointers.openStage.executeWithOptions(
    {
      summary:
        mode === "canary"
          ? `stage ${stage + 1}: ${share} % to ${state.input.candidate}`
          : "hold the slice back again",
    },
    [{ rolloutId: state.input.rolloutId, stage, epoch, mode }],
  );
  if (!opened.moved) return { promote: false, outcome: "superseded", reason: opened.message };
  state.epoch = epoch;
  state.stage = stage + 1;
  show(state);
  return undefined;
}

export interface WatchControl {
  readonly frozen: boolean;
  /** ms since 1970 */
  readonly until: number | null;
  /** A decision that the table is looked at for meanwhile: it ends the watch with `decided`. */
  readonly awaits?: "canary" | "promote";
  /** What else ends the watch, without a verdict: a decision that somebody has taken. */
  readonly interruptedBy?: () => boolean;
}

/** Watches the stage that is open, started again whenever an operator changes something, until it has a result. */
export async function watchUntilDecided(
  state: RolloutState,
  control: WatchControl & { interruptedBy?: never },
  mode?: "canary" | "holdback",
): Promise<WatchResult>;
export async function watchUntilDecided(
  state: RolloutState,
  control: WatchControl,
  mode?: "canary" | "holdback",
): Promise<WatchResult | "interrupted">;
export async function watchUntilDecided(
  state: RolloutState,
  control: WatchControl,
  mode: "canary" | "holdback" = "canary",
): Promise<WatchResult | "interrupted"> {
  const stage = state.stage - 1;
  let frozenMs = 0;
  for (;;) {
    const { promotion } = state;
    if (promotion && state.paused) answer(state, promotion, "the rollout was paused meanwhile");
    const promoteNow = state.promotion !== null;
    const frozen = state.paused || (control.frozen && !promoteNow);
    const began = Date.now();
    try {
      const watched = await interruptible(state, () =>
        watchers.watchStage.executeWithOptions(
          { ...lasting(state.watchHeartbeatMs), summary: watchSummary(state, mode, frozen) },
          [
            {
              rolloutId: state.input.rolloutId,
              stage,
              epoch: state.epoch,
              mode,
              frozen,
              promoteNow,
              frozenMs,
              until: control.until,
              awaits: control.awaits ?? null,
            },
          ],
        ),
      );
      if (watched === undefined) {
        if (control.interruptedBy?.()) return "interrupted";
        continue;
      }
      // One that ended before its first look has nothing new to show.
      if (watched.ticks > 0) state.newest = watched;
      show(state);
      const goesOn = watched.verdict === "advance" || watched.verdict === "promote";
      // Decided while the pause was on its way: what is paused does not go on.
      if (state.paused && !frozen && goesOn) continue;
      if (state.promotion && watched.verdict === "promote") answer(state, state.promotion, null);
      // One look was asked for, and there was not enough to promote: the watch goes on as it was.
      if (promoteNow && isNotYet(watched, control)) {
        if (state.promotion) answer(state, state.promotion, watched.reason);
        continue;
      }
      if (watched.verdict !== "lapsed") return watched;
      // Nobody renewed the lease for a while, so resolvers took the candidate off: it goes on in an epoch of its own.
      const reopened = await openStage(state, stage, mode);
      if (reopened) return { ...watched, verdict: "superseded", reason: reopened.reason };
    } finally {
      if (frozen) frozenMs += Date.now() - began;
    }
  }
}

/** On hold the evidence is known to be inconclusive: that is no news for whoever asks for a promotion. */
function isNotYet({ verdict }: WatchResult, { frozen }: WatchControl): boolean {
  return (
    verdict === "not_yet" ||
    (frozen && (verdict === "inconclusive" || verdict === "no_data" || verdict === "advance"))
  );
}

function answer(state: RolloutState, promotion: PromotionRequest, missing: string | null): void {
  promotion.answer = { granted: missing === null, missing };
  state.promotion = null;
}

function watchSummary(state: RolloutState, mode: string, frozen: boolean): string {
  const what = mode === "holdback" ? "after promotion" : `stage ${state.stage} of ${state.stages.length}`;
  return `watch ${what}${frozen ? ", nothing advances" : ""}`;
}

async function endOf(state: RolloutState, plan: Begun, watched: WatchResult): Promise<CanaryEnd> {
  const { verdict, reason } = watched;
  switch (verdict) {
    case "promote":
      return { promote: true, reason };
    case "harm":
    case "fuse":
    case "invalid":
      return { promote: false, outcome: "rolled_back", reason };
    case "superseded":
      return { promote: false, outcome: "superseded", reason };
    case "inconclusive":
      if (plan.onInconclusive === "hold") return hold(state, plan, reason);
      return { promote: false, outcome: "inconclusive", reason };
    default:
      return { promote: false, outcome: "inconclusive", reason };
  }
}

/** Inconclusive, and the policy lets an operator decide: the traffic stays while harm is still looked for. */
async function hold(state: RolloutState, plan: Begun, reason: string): Promise<CanaryEnd> {
  const { rolloutId } = state.input;
  const until = Date.now() + plan.holdTimeoutMs;
  state.onHold = true;
  state.waitingFor = `an operator: rollout promote or rollout abort (inconclusive: ${reason})`;
  show(state, "awaiting_approval");
  await records.setPhase.executeWithOptions({ summary: "wait for an operator" }, [
    { rolloutId, phase: "awaiting_approval", waitingFor: "operator" },
  ]);
  const watched = await watchUntilDecided(state, { frozen: true, until });
  state.onHold = false;
  state.waitingFor = null;
  if (watched.verdict === "deadline")
    return { promote: false, outcome: "inconclusive", reason: `${reason}; nobody decided in time` };
  if (watched.verdict === "inconclusive" || watched.verdict === "advance")
    return { promote: false, outcome: "inconclusive", reason: watched.reason };
  return endOf(state, { ...plan, onInconclusive: "rollback" }, watched);
}

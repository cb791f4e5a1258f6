import { CancellationScope, isCancellation } from "@temporalio/workflow";
import type { WatchResult } from "../activities/types.ts";
import type { BegunRollout } from "../activities/types.ts";
import { pointers, watchers } from "./proxies.ts";
import { show, type RolloutState } from "./rollout-state.ts";
import type { Outcome } from "../src/domain/rollout.ts";

/** How a canary ends: with a promotion to make, or with an outcome. */
export type CanaryEnd =
  | { readonly promote: true; readonly reason: string }
  | { readonly promote: false; readonly outcome: Outcome; readonly reason: string };

type Begun = Extract<BegunRollout, { begun: true }>;

/** Takes the candidate through its stages until the evidence, a person or the clock says how it ends. */
export async function runCanary(state: RolloutState, plan: Begun): Promise<CanaryEnd> {
  show(state, "canary");
  for (let stage = 0; stage < plan.stages.length; stage++) {
    const opened = await openStage(state, stage);
    if (opened) return opened;
    const watched = await watchUntilDecided(state, stage, { frozen: false, until: null });
    if (watched.verdict === "advance") continue;
    return endOf(state, plan, stage, watched);
  }
  return { promote: false, outcome: "failed", reason: "the last stage ended without a verdict" };
}

async function openStage(
  state: RolloutState,
  stage: number,
  mode: "canary" | "holdback" = "canary",
): Promise<CanaryEnd | undefined> {
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
  /** What else ends the watch, without a verdict: a decision that somebody has taken. */
  readonly interruptedBy?: () => boolean;
}

/** Watches one stage, started again whenever a person changes something, until it has a result. */
export async function watchUntilDecided(
  state: RolloutState,
  stage: number,
  control: WatchControl & { interruptedBy?: never },
  mode?: "canary" | "holdback",
): Promise<WatchResult>;
export async function watchUntilDecided(
  state: RolloutState,
  stage: number,
  control: WatchControl,
  mode?: "canary" | "holdback",
): Promise<WatchResult | "interrupted">;
export async function watchUntilDecided(
  state: RolloutState,
  stage: number,
  control: WatchControl,
  mode: "canary" | "holdback" = "canary",
): Promise<WatchResult | "interrupted"> {
  let frozenMs = 0;
  for (;;) {
    const paused = state.paused;
    const frozen = paused || control.frozen;
    const began = Date.now();
    const promoteNow = state.promoteNow;
    const scope = new CancellationScope();
    state.watching = scope;
    try {
      const watched = await scope.run(() =>
        watchers.watchStage.executeWithOptions({ summary: watchSummary(state, stage, mode, frozen) }, [
          {
            rolloutId: state.input.rolloutId,
            stage,
            epoch: state.epoch,
            mode,
            frozen,
            promoteNow,
            frozenMs,
            until: control.until,
          },
        ]),
      );
      state.newest = watched;
      show(state);
      // Decided while the pause was on its way: what is paused does not go on.
      if (state.paused && !frozen && (watched.verdict === "advance" || watched.verdict === "promote"))
        continue;
      if (watched.verdict !== "lapsed") return watched;
      // Nobody minded the canary for a while, so resolvers took it off: it goes on in an epoch of its own.
      const reopened = await openStage(state, stage, mode);
      if (reopened) return { ...watched, verdict: "superseded", reason: reopened.reason };
    } catch (error) {
      const interrupted = isCancellation(error) && scope.consideredCancelled;
      if (!interrupted || CancellationScope.current().consideredCancelled) throw error;
      if (control.interruptedBy?.()) return "interrupted";
    } finally {
      state.watching = null;
      if (frozen) frozenMs += Date.now() - began;
    }
  }
}

function watchSummary(state: RolloutState, stage: number, mode: string, frozen: boolean): string {
  const what = mode === "holdback" ? "after promotion" : `stage ${stage + 1} of ${state.stages.length}`;
  return `watch ${what}${frozen ? ", nothing advances" : ""}`;
}

async function endOf(
  state: RolloutState,
  plan: Begun,
  stage: number,
  watched: WatchResult,
): Promise<CanaryEnd> {
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
      if (plan.onInconclusive === "hold") return hold(state, plan, stage, reason);
      return { promote: false, outcome: "inconclusive", reason };
    default:
      return { promote: false, outcome: "inconclusive", reason };
  }
}

/** Inconclusive, and the policy lets a person decide: the traffic stays while harm is still looked for. */
async function hold(state: RolloutState, plan: Begun, stage: number, reason: string): Promise<CanaryEnd> {
  const until = Date.now() + plan.holdTimeoutMs;
  state.waitingFor = `a person: rollout promote or rollout abort (inconclusive: ${reason})`;
  show(state, "awaiting_approval");
  const watched = await watchUntilDecided(state, stage, { frozen: true, until });
  state.waitingFor = null;
  if (watched.verdict === "deadline")
    return { promote: false, outcome: "inconclusive", reason: `${reason}; nobody decided in time` };
  if (watched.verdict === "inconclusive" || watched.verdict === "advance")
    return { promote: false, outcome: "inconclusive", reason: watched.reason };
  return endOf(state, { ...plan, onInconclusive: "rollback" }, stage, watched);
}

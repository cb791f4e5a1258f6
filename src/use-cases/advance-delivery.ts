import { digestJson } from "../digest.ts";
import { SluiceError } from "../domain/errors.ts";
import { formatDuration } from "../domain/policy/quantity.ts";
import { scopeColumns } from "../domain/scope.ts";
import { deliveryRequestId } from "../domain/sync/delivery-request-id.ts";
import type { AwaitedRollout, DeliveryState } from "../domain/shapes/delivering.ts";
import type { AppliedStart, PlannedEnvironment } from "../domain/shapes/syncing.ts";
import type { DeliveryStep } from "../protocol/activity-values.ts";
import type { RolloutTemporal } from "../protocol/rollout-temporal.ts";
import type { Database } from "../storage/database.ts";
import { type DeliveryRow, findDelivery, standing } from "../storage/read/deliveries.ts";
import { listManifests } from "../storage/read/manifests.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { recordDelivery } from "../storage/write/record-delivery.ts";
import { startRollout } from "./start-rollout.ts";

/** One look at a delivery: what it has started, and what it waits for. */
export interface AdvancedDelivery extends DeliveryStep {
  readonly started: readonly AppliedStart[];
}

/**
 * Looks at a delivery, starts the rollouts that nothing stands in the way of, and keeps where it stands. Safe to repeat,
 * and to do in two places at once: a rollout is started once for a commit and a place.
 */
export async function advanceDelivery(
  db: Database,
  temporal: RolloutTemporal,
  deliveryId: string,
): Promise<AdvancedDelivery> {
  const delivery = await findDelivery(db, deliveryId);
  if (!delivery) throw new SluiceError("internal", `delivery ${deliveryId} has no row`);
  if (delivery.ended_at !== null) return ended(delivery.state, delivery.reason);
  const end = async (state: DeliveryState, reason: string, started: readonly AppliedStart[] = []) => {
    await recordDelivery(db, deliveryId, { state, reason, wakesAt: null });
    return ended(state, reason, started);
  };
  const [manifest] = await listManifests(db, { prompt: delivery.prompt });
  const says = manifest?.prompts.find(({ prompt }) => prompt === delivery.prompt);
  if (manifest?.commit !== delivery.commit || says?.sha256 !== delivery.sha256)
    return end(
      "replaced",
      manifest
        ? `commit ${manifest.commit.slice(0, 12)} was applied after it`
        : "no manifest has it any more",
    );
  const before = asked(await standing(db, delivery, manifest), delivery);
  const { started, blockers } = await startDue(db, temporal, delivery, before);
  const failed = started.find((one) => "problem" in one && one.problem.code !== "conflict");
  if (failed && "problem" in failed)
    return end("stopped", `${failed.environment}: ${failed.problem.message}`, started);
  const now = started.length > 0 ? asked(await standing(db, delivery, manifest), delivery) : before;
  const next = foresee(now, delivery, blockers);
  if (next.ended) return end(next.state, next.reason, started);
  const wakesAt = next.wakesAt === null ? null : new Date(next.wakesAt);
  await recordDelivery(db, deliveryId, { ...next, wakesAt });
  const waitMs = wakesAt === null ? null : Math.max(0, wakesAt.getTime() - Date.now());
  return { done: false, state: next.state, reason: next.reason, waitMs, rollouts: next.rollouts, started };
}

function ended(
  state: DeliveryState,
  reason: string,
  started: readonly AppliedStart[] = [],
): AdvancedDelivery {
  return { done: true, state, reason, waitMs: null, rollouts: [], started };
}

/** Whether a rollout of it was tried here for this delivery, and is over without having made it live. */
function wasTried({ lastTriedAt }: PlannedEnvironment, { started_at: since }: DeliveryRow): boolean {
  return lastTriedAt !== null && Date.parse(lastTriedAt) >= since.getTime();
}

/** What is started only because somebody asks for it has its time to wait, too. */
function asked(
  environments: readonly PlannedEnvironment[],
  delivery: DeliveryRow,
): readonly PlannedEnvironment[] {
  return environments.map((one) => {
    const { step, from, liveThereSince: since, liveForMs } = one;
    if ((step !== "refused" && step !== "older") || !delivery.also.includes(step)) return one;
    if (from === null || wasTried(one, delivery)) return one;
    const isReady = since !== null && Date.now() - Date.parse(since) >= liveForMs;
    return isReady ? one : { ...one, step: "wait" };
  });
}

function isDue(environment: PlannedEnvironment, delivery: DeliveryRow): boolean {
  const { step } = environment;
  if (step === "start") return !wasTried(environment, delivery);
  if (step === "refused" || step === "older")
    return delivery.also.includes(step) && !wasTried(environment, delivery);
  return false;
}

async function startDue(
  db: Database,
  temporal: RolloutTemporal,
  delivery: DeliveryRow,
  environments: readonly PlannedEnvironment[],
): Promise<{ started: AppliedStart[]; blockers: string[] }> {
  const started: AppliedStart[] = [];
  const blockers: string[] = [];
  for (const environment of environments) {
    const { label, model, tenant, rolloutId: last } = environment;
    const version = `${delivery.prompt}@${delivery.number}`;
    const place = { version, environment: environment.environment, label, model, tenant };
    if (environment.step === "running" && last !== null)
      started.push({ ...place, rolloutId: last, joined: true });
    if (!isDue(environment, delivery)) continue;
    try {
      const policySha256 = delivery.policies[environment.environment];
      const { rolloutId, joined } = await startRollout(db, temporal, {
        scope: scopeColumns({
          label,
          prompt: delivery.prompt,
          model: model ?? undefined,
          tenant: tenant ?? undefined,
        }),
        prompt: delivery.prompt,
        number: delivery.number,
        policySha256,
        needsApproval: delivery.needs_approval.includes(label),
        requestId: deliveryRequestId({ commit: delivery.commit, version, place, last }, digestJson),
        by: delivery.asserted_by ?? delivery.started_by,
        again: delivery.also.includes("refused"),
      });
      started.push({ ...place, rolloutId, joined });
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code === "unavailable") throw error;
      started.push({ ...place, problem: { code: error.code, message: error.message } });
      const { rolloutId: blocker } = error.details;
      // Another version is on its way there: this one's turn comes when that has ended.
      if (typeof blocker === "string" && (await findRollout(db, blocker))?.outcome === null)
        blockers.push(blocker);
    }
  }
  return { started, blockers };
}

type Foreseen =
  | { readonly ended: true; readonly state: DeliveryState; readonly reason: string }
  | {
      readonly ended: false;
      readonly state: DeliveryState;
      readonly reason: string;
      readonly wakesAt: number | null;
      readonly rollouts: readonly AwaitedRollout[];
    };

/** What a delivery waits for, or how it has ended: where nothing runs and nothing will be ready by waiting. */
function foresee(
  environments: readonly PlannedEnvironment[],
  delivery: DeliveryRow,
  blockers: readonly string[],
): Foreseen {
  const of = (step: PlannedEnvironment["step"]) => environments.filter((one) => one.step === step);
  const rollouts: AwaitedRollout[] = [
    ...of("running").map(({ rolloutId }) => ({ rolloutId: rolloutId!, until: "live" as const })),
    ...blockers.map((rolloutId) => ({ rolloutId, until: "end" as const })),
  ];
  const timed = of("wait").filter(({ liveThereSince }) => liveThereSince !== null);
  const wakes = timed.map(({ liveThereSince, liveForMs }) => Date.parse(liveThereSince!) + liveForMs);
  const wakesAt = wakes.length > 0 ? Math.min(...wakes) : null;
  if (rollouts.length > 0) {
    const [first] = of("running");
    const reason = first
      ? `is being rolled out in ${first.environment}`
      : `waits for the rollout that is under way (${blockers[0]})`;
    return { ended: false, state: "rolling_out", reason, wakesAt, rollouts };
  }
  if (wakesAt !== null) {
    const next = timed[wakes.indexOf(wakesAt)]!;
    const reason = `has to be live in ${next.from} for ${formatDuration(next.liveForMs)} before ${next.environment}`;
    return { ended: false, state: "waiting", reason, wakesAt, rollouts };
  }
  if (environments.every(({ step }) => step === "live"))
    return { ended: true, state: "delivered", reason: "is live in every environment" };
  const [refused] = of("refused");
  if (refused)
    return {
      ended: true,
      state: "refused",
      reason: `${refused.environment}: ${(refused.outcome ?? "refused").replaceAll("_", " ")}; change it and commit, or apply again with --again`,
    };
  const [older] = of("older");
  if (older)
    return {
      ended: true,
      state: "stopped",
      reason: `${older.environment}: ${older.live} is live, which is newer; go back with --take-over`,
    };
  const tried = environments.find((one) => one.step === "start" && wasTried(one, delivery));
  const [held] = of("wait");
  return {
    ended: true,
    state: "stopped",
    reason: tried
      ? `${tried.environment}: its rollout ended ${(tried.lastOutcome ?? "without making it live").replaceAll("_", " ")}; apply again to try once more`
      : held
        ? `${held.environment} takes only what is live in ${held.from}, and nothing here takes it there: roll it out there, then apply again`
        : "nothing can be started; see: sluice sync plan",
  };
}

import { ActivityCancellationType, proxyActivities, workflowInfo } from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import { lastingTaskQueue } from "../src/protocol/task-queue.ts";

/** Every activity beats, so a worker that was killed in the middle of one is missed this soon. */
const HEARTBEAT_TIMEOUT = "3s";

/**
 * Pointer moves have no limit of attempts: a move that Postgres could not take now must be made later, or
 * refused by the row. They are applied once per operation id, so trying again is safe.
 */
export const pointers = proxyActivities<Pick<Activities, "openStage" | "promote">>({
  startToCloseTimeout: "30s",
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: "250ms", backoffCoefficient: 2, maximumInterval: "5s" },
});

/**
 * What a rollout, or an evaluation without one, cannot end without. Tried again whatever goes wrong, a bug of ours included (the activities
 * say so themselves): a release that mends it lets the rollout end, and until then the lease protects users.
 */
export const insistent = proxyActivities<
  Pick<Activities, "endRollout" | "fileDeadLetter" | "failEvaluation">
>({
  startToCloseTimeout: "30s",
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: "250ms", backoffCoefficient: 2, maximumInterval: "30s" },
});

/** Short reads and writes. Waited for when cancelled: a rollout that is ended must know whether it has begun. */
export const records = proxyActivities<
  Pick<Activities, "beginRollout" | "setPhase" | "setPaused" | "readDecision">
>({
  startToCloseTimeout: "30s",
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: "250ms", backoffCoefficient: 2, maximumInterval: "5s" },
});

/** What an evaluation needs before its first call: reading and rendering many cases keeps a worker busy. */
export const evaluationRecords = proxyActivities<Pick<Activities, "openGateEvaluation" | "planEvaluation">>({
  startToCloseTimeout: "2m",
  heartbeatTimeout: "15s",
  retry: { initialInterval: "250ms", backoffCoefficient: 2, maximumInterval: "5s" },
});

/**
 * Model calls by the batch. Every result is kept when it comes, so an attempt goes on where the last one died,
 * and deaths are not counted: what an endpoint does not answer is a result, and the workflow's to judge.
 */
export const evaluationBatches = proxyActivities<
  Pick<Activities, "runEvaluationBatch" | "concludeEvaluation">
>({
  startToCloseTimeout: "6h",
  heartbeatTimeout: "4s",
  retry: { initialInterval: "250ms", backoffCoefficient: 2, maximumInterval: "5s" },
});

/**
 * What looks again and again until there is something to branch on. The heartbeat brings a cancellation and finds
 * a dead worker. TRY_CANCEL: an abort moves the pointer at once and does not wait.
 */
export const watchers = proxyActivities<
  Pick<Activities, "watchStage" | "awaitDecision" | "awaitEnd" | "awaitRollouts">
>({
  startToCloseTimeout: "6h",
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: "500ms", backoffCoefficient: 1.5, maximumInterval: "5s" },
});

/** One look at a delivery, which may start rollouts. Tried again until it comes through: nothing else would go on with it. */
export const deliveries = proxyActivities<Pick<Activities, "advanceDelivery">>({
  startToCloseTimeout: "1m",
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: "500ms", backoffCoefficient: 2, maximumInterval: "30s" },
});

/** Making a dependant anew, or one look at it. Tried again until it comes through: each is done once for a propagation. */
export const propagations = proxyActivities<
  Pick<
    Activities,
    "planPropagation" | "beginDependant" | "lookAtDependant" | "failDependant" | "endPropagation"
  >
>({
  startToCloseTimeout: "2m",
  heartbeatTimeout: "15s",
  retry: { initialInterval: "250ms", backoffCoefficient: 2, maximumInterval: "30s" },
});

/** Removing what has had its time: nobody waits for it, and it is tried again until it comes through. */
export const retentionSteps = proxyActivities<
  Pick<Activities, "beginRetention" | "removeExpired" | "endRetention">
>({
  startToCloseTimeout: "5m",
  heartbeatTimeout: "15s",
  retry: { initialInterval: "1s", backoffCoefficient: 2, maximumInterval: "1m" },
});

/** What asking a golden set again needs around its evaluation; reading many cases keeps a worker busy. */
export const regates = proxyActivities<Pick<Activities, "beginRegate" | "concludeRegate" | "failRegate">>({
  startToCloseTimeout: "2m",
  heartbeatTimeout: "15s",
  retry: { initialInterval: "1s", backoffCoefficient: 2, maximumInterval: "1m" },
});

/** The same, because of an alert. */
export const triages = proxyActivities<Pick<Activities, "openTriage" | "concludeTriage" | "failTriage">>({
  startToCloseTimeout: "2m",
  heartbeatTimeout: "15s",
  retry: { initialInterval: "1s", backoffCoefficient: 2, maximumInterval: "1m" },
});

/** Receivers are asked one after the other; the next run does what this one could not. */
export const sweeps = proxyActivities<Pick<Activities, "sweepDeadLetters">>({
  startToCloseTimeout: "10m",
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: "1s", backoffCoefficient: 2, maximumInterval: "30s", maximumAttempts: 5 },
});

/** Of what waits for operators: nobody is served anything meanwhile, so a dead worker may be missed a little later. */
export const DECISION_HEARTBEAT_MS = 30_000;

/** Receivers are called a few times; then it is a dead letter, not a reason to stop. */
export const notifications = proxyActivities<Pick<Activities, "notify">>({
  startToCloseTimeout: "15s",
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: "1s", backoffCoefficient: 3, maximumInterval: "30s", maximumAttempts: 4 },
});

/**
 * Where activities that last are run: in slots of their own, so that moves never wait behind them.
 *
 * @param heartbeatMs how soon a dead worker is missed, where the usual is not meant: each one that lasts shows
 * three signs in that time, for hours
 */
export function lasting(heartbeatMs?: number | null): {
  readonly taskQueue: string;
  readonly heartbeatTimeout?: number;
} {
  const taskQueue = lastingTaskQueue(workflowInfo().taskQueue);
  return { taskQueue, ...(typeof heartbeatMs === "number" && { heartbeatTimeout: heartbeatMs }) };
}

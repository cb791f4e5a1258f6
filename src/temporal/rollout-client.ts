import { setTimeout as delay } from "node:timers/promises";
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { conflict } from "../domain/errors.ts";
import type { EvaluationToRun, RolloutInput } from "../protocol/activity-values.ts";
import {
  type ControlName,
  deliveryWorkflowId,
  evaluationWorkflowId,
  propagationWorkflowId,
  triageWorkflowId,
  WORKFLOW,
} from "../protocol/names.ts";
import type { ControlAnswer, ControlledRollout } from "../protocol/rollout-controls.ts";
import type { ControlRequest } from "../protocol/rollout-messages.ts";
import { SEARCH_ATTRIBUTE } from "../protocol/search-attributes.ts";
import type {
  DeliveryTemporal,
  EvaluationTemporal,
  EvaluationToStart,
  LocatedEvaluation,
  LocatedRollout,
  Owner,
  PropagationTemporal,
  RegateTemporal,
  RolloutOwner,
  RolloutTemporal,
  TemporalPlace,
  TriageTemporal,
  WorkflowStanding,
  WorkTemporal,
} from "../protocol/rollout-temporal.ts";
import { TASK_QUEUE } from "./connect.ts";
import { pauseRegate } from "./pause-regate.ts";
import { runningWork } from "./running-work.ts";
import { startDelivery, startPropagation, startTriage, wakeDelivery } from "./start-work.ts";
import { temporalFailure } from "./temporal-failure.ts";
import { underDeadline } from "./under-deadline.ts";

/** How long the workflow of a rollout that has ended may take to close before it is ended. */
const CLOSES_WITHIN_MS = 10_000;

/** What the use cases ask of Temporal, through a client. */
export function rolloutTemporal(
  client: Client,
  taskQueue: string = TASK_QUEUE,
  closesWithinMs: number = CLOSES_WITHIN_MS,
): RolloutTemporal &
  EvaluationTemporal &
  DeliveryTemporal &
  PropagationTemporal &
  RegateTemporal &
  TriageTemporal &
  WorkTemporal {
  let place: Promise<TemporalPlace> | undefined;
  const placeOnce = () =>
    (place ??= placeOf(client).catch((error: unknown) => {
      place = undefined;
      throw error;
    }));
  return {
    taskQueue,
    place: placeOnce,
    start: (input, workflowId, owner) =>
      startWorkflow(client, { input, workflowId, taskQueue, owner, closesWithinMs }),
    startEvaluation: (evaluation) => startEvaluation(client, taskQueue, evaluation),
    evaluationStanding: async (evaluation) => evaluationStandingOf(client, await placeOnce(), evaluation),
    cancelEvaluation: (id) => cancelEvaluation(client, id),
    standing: async (rollout) => standingOf(client, await placeOnce(), rollout),
    startDelivery: (delivery, of) => startDelivery(client, taskQueue, delivery, of),
    wakeDelivery: (prompt, commit) => wakeDelivery(client, deliveryWorkflowId(prompt, commit, taskQueue)),
    deliveryRuns: (prompt, commit) => runs(client, deliveryWorkflowId(prompt, commit, taskQueue)),
    startPropagation: (propagation, owner) => startPropagation(client, taskQueue, propagation, owner),
    propagationRuns: (id) => runs(client, propagationWorkflowId(id)),
    startTriage: (triage, of) => startTriage(client, taskQueue, triage, of),
    triageRuns: (alertId) => runs(client, triageWorkflowId(alertId)),
    pauseRegate: (monitorId, why) => pauseRegate(client, monitorId, why),
    running: (owner) => runningWork(client, taskQueue, owner),
    terminate: ({ workflowId, runId }, reason) => terminate(client, workflowId, runId, reason),
  };
}

async function placeOf(client: Client): Promise<TemporalPlace> {
  const { namespace } = client.options;
  const { namespaceInfo } = await underDeadline(client, () =>
    client.workflowService.describeNamespace({ namespace }),
  );
  return { namespace, namespaceId: namespaceInfo?.id ?? "" };
}

/** Kept with the workflow, and by Temporal through a reset: whose it is. */
interface RolloutMemo extends Partial<Owner> {
  readonly rolloutId: string;
}

interface WorkflowToStart {
  readonly input: RolloutInput;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly owner: RolloutOwner;
  readonly closesWithinMs: number;
}

async function startWorkflow(
  client: Client,
  of: WorkflowToStart,
): Promise<{ readonly runId: string } | null> {
  const { input, workflowId, taskQueue } = of;
  const { scope, candidate, rolloutId } = input;
  const { rowOf, installation } = of.owner;
  const memo: RolloutMemo = { rolloutId, installation };
  for (const deadline = performance.now() + of.closesWithinMs; ; await delay(100)) {
    try {
      const handle = await underDeadline(client, () =>
        client.workflow.start(WORKFLOW.rollout, {
          workflowId,
          taskQueue,
          args: [input],
          memo: { ...memo },
          workflowIdConflictPolicy: "FAIL",
          workflowIdReusePolicy: "ALLOW_DUPLICATE",
          workflowTaskTimeout: "2s",
          staticSummary: `${candidate} to ${scope.label}`,
          staticDetails: `Takes **${candidate}** from gate to promotion or back, for label ${scope.label}${scope.model ? `, model ${scope.model}` : ""}${scope.tenant ? `, tenant ${scope.tenant}` : ""}.`,
          searchAttributes: {
            [SEARCH_ATTRIBUTE.prompt]: [scope.prompt],
            [SEARCH_ATTRIBUTE.label]: [scope.label],
            [SEARCH_ATTRIBUTE.phase]: ["validating"],
          },
        }),
      );
      return { runId: handle.firstExecutionRunId };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const there = await describe(client, workflowId);
    const owner = there?.memo as Partial<RolloutMemo> | undefined;
    if (there === undefined) continue;
    if (owner?.rolloutId === rolloutId) return { runId: there.runId };
    const row = owner?.rolloutId === undefined ? "none" : await rowOf(owner.rolloutId);
    // A scope has one open rollout: where that is another one, this one has been ended.
    if (row === "open") return null;
    const isRestored = owner?.installation === installation;
    if (row === "none")
      throw conflict(
        `${isRestored ? "this database does not know the rollout of the workflow, having been restored from a backup (then a worker stops it within five minutes), or " : ""}another installation of Sluice has the workflow ${workflowId} in Temporal namespace ${client.options.namespace}: give each installation a task queue of its own (SLUICE_TASK_QUEUE, for its worker and its commands), or a namespace`,
        { workflowId },
      );
    // Its row is closed, so it can move nothing any more: what is left of it may only be in the way.
    if (performance.now() > deadline)
      await terminate(client, workflowId, there.runId, `rollout ${rolloutId} was started after it`);
  }
}

async function startEvaluation(
  client: Client,
  taskQueue: string,
  { evaluationId, candidate, installation }: EvaluationToStart,
): Promise<void> {
  const input: EvaluationToRun = { evaluationId, alone: true };
  try {
    await underDeadline(client, () =>
      client.workflow.start(WORKFLOW.evaluation, {
        workflowId: evaluationWorkflowId(evaluationId),
        taskQueue,
        args: [input],
        memo: { evaluationId, installation },
        workflowIdConflictPolicy: "USE_EXISTING",
        workflowIdReusePolicy: "REJECT_DUPLICATE",
        staticSummary: `evaluation of ${candidate}`,
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function cancelEvaluation(client: Client, id: string): Promise<void> {
  try {
    await underDeadline(client, () => client.workflow.getHandle(evaluationWorkflowId(id)).cancel());
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

async function terminate(client: Client, workflowId: string, runId: string, reason: string): Promise<void> {
  try {
    await underDeadline(client, () => client.workflow.getHandle(workflowId, runId).terminate(reason));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

async function runs(client: Client, workflowId: string): Promise<boolean> {
  return (await describe(client, workflowId))?.status.name === "RUNNING";
}

/** The newest run under an id, or undefined where Temporal knows none. */
async function describe(
  client: Client,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await underDeadline(client, () => client.workflow.getHandle(workflowId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function standingOf(
  client: Client,
  { namespaceId }: TemporalPlace,
  rollout: LocatedRollout,
): Promise<WorkflowStanding> {
  if (rollout.temporal_namespace_id !== null && rollout.temporal_namespace_id !== namespaceId)
    return "elsewhere";
  const newest = await describe(client, rollout.workflow_id);
  if (newest === undefined) return "missing";
  const { rolloutId } = (newest.memo ?? {}) as Partial<RolloutMemo>;
  if (rolloutId === rollout.id) return standingBy(newest);
  return rollout.run_id === null ? "missing" : "over";
}

async function evaluationStandingOf(
  client: Client,
  { namespaceId }: TemporalPlace,
  { id, temporal_namespace_id: startedIn }: LocatedEvaluation,
): Promise<WorkflowStanding> {
  if (startedIn !== null && startedIn !== namespaceId) return "elsewhere";
  const newest = await describe(client, evaluationWorkflowId(id));
  return newest === undefined ? "missing" : standingBy(newest);
}

function standingBy({ status }: WorkflowExecutionDescription): WorkflowStanding {
  return status.name === "RUNNING" ? "running" : status.name === "COMPLETED" ? "ended" : "over";
}

/** Asks something of a running rollout, once under its `id`. `not_found` when its workflow does not run. */
export async function controlRollout<Name extends ControlName>(
  client: Client,
  { workflowId, rolloutId }: ControlledRollout,
  name: Name,
  request: ControlRequest,
  id?: string,
): Promise<ControlAnswer<Name>> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await underDeadline(client, () =>
      handle.executeUpdate<ControlAnswer<Name>, [ControlRequest]>(name, {
        args: [{ ...request, rolloutId }],
        ...(id !== undefined && { updateId: id }),
      }),
    );
  } catch (error) {
    throw temporalFailure(error);
  }
}

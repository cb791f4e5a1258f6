import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@temporalio/client";
import { SluiceError } from "../../../src/domain/errors.ts";
import type { ScopeColumns } from "../../../src/domain/scope.ts";
import type { Database } from "../../../src/storage/database.ts";
import { isConnectionError } from "../../../src/storage/store-failure.ts";
import { controlRollout, rolloutTemporal } from "../../../src/temporal/rollout-client.ts";
import type { ControlName } from "../../../src/protocol/names.ts";
import type { RequestAbort } from "../../../src/use-cases/abort-rollout.ts";
import { requireOpenRollout } from "../../../src/use-cases/control-rollout.ts";
import { decideApproval } from "../../../src/use-cases/decide-approval.ts";
import { replaceRollout } from "../../../src/use-cases/replace-rollout.ts";
import { rollBack } from "../../../src/use-cases/roll-back.ts";
import { startRollout } from "../../../src/use-cases/start-rollout.ts";
import type { Operation } from "./history.ts";
import type { PlannedOperation } from "./plan-schedule.ts";

export interface Desk {
  readonly db: Database;
  readonly client: Client;
  readonly scopes: readonly ScopeColumns[];
  readonly prompt: string;
  readonly versions: number;
  /** Digests of stored policies, one of which each start uses. */
  readonly policies: readonly string[];
  /** What was asked, and what was answered. */
  readonly operations: Operation[];
}

/** How often the same request is made again where no answer came. */
const TRIES = 6;
const BETWEEN_MS = 700;

/** One operator: does what is planned, one thing after the other, until the signal. */
export async function operate(
  desk: Desk,
  planned: readonly PlannedOperation[],
  signal: AbortSignal,
): Promise<void> {
  for (const operation of planned) {
    await delay(operation.afterMs);
    if (signal.aborted) return;
    desk.operations.push(await carryOut(desk, operation));
  }
}

type Answer = Pick<Operation, "outcome" | "rolloutId" | "message" | "unforeseen">;

async function carryOut(desk: Desk, planned: PlannedOperation): Promise<Operation> {
  const { tag, kind } = planned;
  const startedAt = Date.now();
  // What has no identity of its own is asked once: the second time would be a second one.
  const tries = kind === "start" || kind === "replace" || kind === "abort" || kind === "approve" ? TRIES : 1;
  let answer = await asked(desk, planned);
  for (let attempt = 2; attempt <= tries && answer.outcome === "unknown"; attempt++) {
    await delay(BETWEEN_MS);
    answer = await asked(desk, planned);
    // The one before may have been done, and be why this one is refused. A start is known by its request id.
    const isKnownAgain = kind === "start" || kind === "replace";
    if (answer.outcome === "refused" && !isKnownAgain) {
      answer = { ...answer, outcome: "unknown" };
      break;
    }
  }
  return {
    tag,
    kind,
    scope: desk.scopes[planned.scope]!.tenant,
    startedAt,
    endedAt: Date.now(),
    ...answer,
  };
}

async function asked(desk: Desk, planned: PlannedOperation): Promise<Answer> {
  try {
    return { outcome: "acknowledged", rolloutId: await ask(desk, planned) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof SluiceError)
      return { outcome: error.code === "unavailable" ? "unknown" : "refused", message };
    // Judged by what it carries, not by the code that is on trial.
    const isOfTheStore = typeof (error as { code?: unknown }).code === "string" || isConnectionError(error);
    const isGivenUp = error instanceof Error && error.name === "AbortError";
    return { outcome: "unknown", message, ...(!isGivenUp && !isOfTheStore && { unforeseen: message }) };
  }
}

/** Asks, and gives the rollout that the answer is about. */
async function ask(
  { db, client, scopes, prompt, versions, policies }: Desk,
  { tag, kind, scope: index, choice }: PlannedOperation,
): Promise<string | undefined> {
  const scope = scopes[index]!;
  const number = 1 + Math.floor(choice * versions);
  const control = async (name: ControlName) => {
    const { id, workflow_id } = await requireOpenRollout(db, scope);
    const rollout = { rolloutId: id, workflowId: workflow_id };
    return (await controlRollout(client, rollout, name, { by: tag, reason: tag })).rolloutId;
  };
  const start = {
    scope,
    prompt,
    number,
    policySha256: policies[Math.floor(choice * 1_000) % policies.length]!,
    requestId: tag,
    by: tag,
  };
  const requestAbort: RequestAbort = ({ id, workflow_id }, request) =>
    controlRollout(client, { rolloutId: id, workflowId: workflow_id }, "abort", request);
  const temporal = { ...rolloutTemporal(client), requestAbort };
  switch (kind) {
    case "start":
      return (await startRollout(db, temporal, start)).rolloutId;
    case "replace":
      return (await replaceRollout(db, temporal, start, AbortSignal.timeout(20_000))).rolloutId;
    case "approve": {
      const decided = await decideApproval(db, {
        scope,
        version: { prompt, number },
        decision: "approve",
        by: tag,
        comment: tag,
      });
      await control("approve").catch(() => undefined);
      return decided.rolloutId;
    }
    case "roll_back":
      await rollBack(db, { scope, reason: tag, by: tag });
      return undefined;
    default:
      return control(kind);
  }
}

import { sql } from "kysely";
import type { PropagationState } from "../../domain/shapes/propagating.ts";
import type { Database, Transaction } from "../database.ts";
import type { PropagationStepRow } from "../read/propagations.ts";
import { appendAudit } from "./append-audit.ts";

export interface StepToOpen {
  readonly prompt: string;
  readonly level: number;
  readonly fromVersion: string;
  readonly needs: readonly string[];
  readonly state: PropagationState;
  readonly reason: string;
}

export interface PropagationToOpen {
  readonly id: string;
  readonly prompt: string;
  readonly versionId: string;
  readonly label: string | null;
  readonly rollout: boolean;
  readonly needsApproval: boolean;
  readonly maxCostUsd: number | null;
  readonly by: string | null;
  readonly steps: readonly StepToOpen[];
}

/** Opens a propagation with its steps; one of this id that there is stays as it is. */
export async function openPropagation(transaction: Transaction, open: PropagationToOpen): Promise<void> {
  const opened = await transaction
    .insertInto("propagations")
    .values({
      id: open.id,
      version_id: open.versionId,
      label: open.label ?? "",
      rollout: open.rollout,
      needs_approval: open.needsApproval,
      max_cost_usd: open.maxCostUsd,
      asserted_by: open.by,
    })
    .onConflict((there) => there.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!opened) return;
  if (open.steps.length > 0)
    await transaction
      .insertInto("propagation_steps")
      .values(
        open.steps.map(({ fromVersion, needs, ...step }, position) => ({
          propagation_id: open.id,
          position,
          ...step,
          needs: [...needs],
          from_version: fromVersion,
        })),
      )
      .execute();
  await appendAudit(transaction, {
    prompt: open.prompt,
    action: "propagation_started",
    toVersion: open.versionId,
    assertedActor: open.by,
    details: {
      propagationId: open.id,
      dependants: open.steps.map(({ prompt }) => prompt),
      label: open.label,
      rollout: open.rollout,
      maxCostUsd: open.maxCostUsd,
    },
  });
}

/** A step, until the transaction ends nobody else's to change. */
export async function lockStep(
  transaction: Transaction,
  id: string,
  prompt: string,
): Promise<PropagationStepRow> {
  return transaction
    .selectFrom("propagation_steps")
    .selectAll()
    .where("propagation_id", "=", id)
    .where("prompt", "=", prompt)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/** What is shared out of a propagation, its money, is shared out by one at a time. */
export async function lockPropagation(transaction: Transaction, id: string): Promise<void> {
  await transaction
    .selectFrom("propagations")
    .select("id")
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export interface StepChange {
  readonly state: PropagationState;
  readonly reason: string;
  readonly version_id?: string;
  readonly max_cost_usd?: number;
  readonly evaluation_id?: string;
  readonly rollout_id?: string;
}

/** Keeps where a step stands. */
export async function changeStep(
  db: Database,
  { propagation_id: id, prompt }: Pick<PropagationStepRow, "propagation_id" | "prompt">,
  change: StepChange,
): Promise<void> {
  const updated_at = sql<Date>`clock_timestamp()`;
  await db
    .updateTable("propagation_steps")
    .set({ ...change, updated_at })
    .where("propagation_id", "=", id)
    .where("prompt", "=", prompt)
    .execute();
  await noteLook(db, id);
}

/** Somebody is at work on it. */
export async function noteLook(db: Database, id: string): Promise<void> {
  await db
    .updateTable("propagations")
    .set({ updated_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .execute();
}

/** Ends a propagation. Once: it stays as it has ended. */
export async function closePropagation(db: Database, id: string, reason: string): Promise<void> {
  await db
    .updateTable("propagations")
    .set({ reason, ended_at: sql<Date>`clock_timestamp()`, updated_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .execute();
}

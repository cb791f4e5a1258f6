import { sql } from "kysely";
import type { AwaitedRollout, DeliveryState } from "../../domain/shapes/delivering.ts";
import type { Database, Transaction } from "../database.ts";

export interface DeliveryToOpen {
  readonly prompt: string;
  readonly commit: string;
  readonly repository: string;
  readonly branch: string;
  readonly versionId: string;
  /** Environment to the digest of its policy. */
  readonly policies: Readonly<Record<string, string>>;
  readonly needsApproval: readonly string[];
  readonly also: readonly ("refused" | "older")[];
  readonly assertedBy: string | null;
}

/** Opens the delivery of a prompt for a commit, or one that has ended once more; gives its id. One that is open stays as it is. */
export async function openDelivery(transaction: Transaction, open: DeliveryToOpen): Promise<string> {
  const { prompt, commit } = open;
  const columns = {
    version_id: open.versionId,
    policies: JSON.stringify(open.policies),
    needs_approval: [...open.needsApproval],
    also: [...open.also],
    asserted_by: open.assertedBy,
  };
  const { repository, branch } = open;
  await transaction
    .insertInto("deliveries")
    .values({ prompt, commit, repository, branch, ...columns })
    .onConflict((there) =>
      there
        .columns(["prompt", "commit"])
        .doUpdateSet({
          ...columns,
          repository,
          branch,
          state: "rolling_out",
          reason: "",
          wakes_at: null,
          awaits: "[]",
          ended_at: null,
          started_by: sql<string>`session_user`,
          started_at: sql<Date>`clock_timestamp()`,
          updated_at: sql<Date>`clock_timestamp()`,
        })
        .where("deliveries.ended_at", "is not", null),
    )
    .execute();
  const { id } = await transaction
    .selectFrom("deliveries")
    .select("id")
    .where("prompt", "=", prompt)
    .where("commit", "=", commit)
    .executeTakeFirstOrThrow();
  return id;
}

export interface DeliveryStanding {
  readonly state: DeliveryState;
  readonly reason: string;
  readonly wakesAt: Date | null;
  /** The rollouts that it waits for. */
  readonly rollouts?: readonly AwaitedRollout[];
}

const ENDS: ReadonlySet<DeliveryState> = new Set(["delivered", "replaced", "refused", "stopped"]);

/** Keeps what a look at a delivery has found. One that has ended stays as it is. */
export async function recordDelivery(
  db: Database,
  id: string,
  { state, reason, wakesAt, rollouts = [] }: DeliveryStanding,
): Promise<void> {
  await db
    .updateTable("deliveries")
    .set({
      state,
      reason,
      wakes_at: wakesAt,
      awaits: JSON.stringify(rollouts),
      updated_at: sql<Date>`clock_timestamp()`,
      ...(ENDS.has(state) && { ended_at: sql<Date>`clock_timestamp()` }),
    })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .execute();
}

import type { FleetConfirmation } from "../../domain/fleet.ts";
import type { Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";

/** Keeps how a rollout's promotion reached the resolvers, the last word counting. */
export async function recordFleet(
  transaction: Transaction,
  of: { readonly rolloutId: string; readonly fleet: FleetConfirmation },
): Promise<void> {
  await transaction
    .updateTable("rollouts")
    .set({ fleet: storableJson(of.fleet) })
    .where("id", "=", of.rolloutId)
    .execute();
}

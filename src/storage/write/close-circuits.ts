import { sql } from "kysely";
import type { CircuitName } from "../../domain/models/circuits.ts";
import type { Transaction } from "../database.ts";

/** Has nobody hold calls back from these any more, once they have asked. */
export async function closeCircuits(transaction: Transaction, closed: readonly CircuitName[]): Promise<void> {
  const exchange = JSON.stringify({ opened: [], closed, probes: [] });
  await sql`select sluice.exchange_circuits(${exchange}::jsonb)`.execute(transaction);
}

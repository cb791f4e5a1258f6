import { sql } from "kysely";
import type { Transaction } from "./database.ts";

/** Where it is told, when a transaction commits, that there is a new version or something new of a draft. */
export const AUTHORED_CHANNEL = "sluice_authored";

/** What was written: a version by its number, or a draft by its id. */
export type Authored =
  | { readonly kind: "version"; readonly prompt: string; readonly version: number }
  | { readonly kind: "draft"; readonly prompt: string; readonly draftId: string };

export async function tellAuthored(transaction: Transaction, authored: Authored): Promise<void> {
  await sql`select pg_notify(${AUTHORED_CHANNEL}, ${JSON.stringify(authored)})`.execute(transaction);
}

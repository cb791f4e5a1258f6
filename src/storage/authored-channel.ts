import { sql } from "kysely";
import type { Database, Transaction } from "./database.ts";

/** Where it is told, when a transaction commits, that there is a new version, or something new of a draft or an evaluation. */
export const AUTHORED_CHANNEL = "sluice_authored";

/** What was written: a version by its number, or a draft or an evaluation by its id. */
export type Authored =
  | { readonly kind: "version"; readonly prompt: string; readonly version: number }
  | { readonly kind: "draft"; readonly prompt: string; readonly draftId: string }
  | { readonly kind: "evaluation"; readonly prompt: string; readonly evaluationId: string };

export async function tellAuthored(transaction: Transaction, authored: Authored): Promise<void> {
  await sql`select pg_notify(${AUTHORED_CHANNEL}, ${JSON.stringify(authored)})`.execute(transaction);
}

/** Tells that an evaluation began, has another answer, or has ended. */
export async function tellEvaluation(db: Database | Transaction, evaluationId: string): Promise<void> {
  await sql`select pg_notify(${AUTHORED_CHANNEL},
      json_build_object('kind', 'evaluation', 'prompt', v.prompt, 'evaluationId', e.id)::text)
    from sluice.evaluations e join sluice.versions v on v.id = e.candidate_version
    where e.id = ${evaluationId}`.execute(db);
}

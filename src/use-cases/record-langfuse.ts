import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import {
  type LangfuseBatch,
  noteLangfuseRead,
  recordLangfuseBatch,
  settleLangfuse,
} from "../storage/write/langfuse-intake.ts";

export type { LangfuseBatch, LangfuseGeneration } from "../storage/write/langfuse-intake.ts";

/** Takes what Langfuse's clients report; whether some of it waits for more, or for `holdMs` to pass. */
export function recordLangfuse(db: Database, batch: LangfuseBatch, holdMs: number): Promise<boolean> {
  return transact(db, (transaction) => recordLangfuseBatch(transaction, batch, holdMs));
}

/** Counts what has waited long enough; whether there is more that waits. */
export function settleHeldLangfuse(db: Database, holdMs: number): Promise<boolean> {
  return transact(db, (transaction) => settleLangfuse(transaction, holdMs));
}

/** That Langfuse's clients get the prompt: versions that they could not be served are refused for a while. */
export function recordLangfuseRead(db: Database, prompt: string): Promise<void> {
  return transact(db, (transaction) => noteLangfuseRead(transaction, prompt));
}

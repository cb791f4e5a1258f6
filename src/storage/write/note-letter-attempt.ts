import type { LetterError } from "../../domain/shapes/dead-letters.ts";
import type { Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";

/** Failures of before that a letter keeps. */
const MOST_EARLIER = 10;

export interface LetterAttempt {
  readonly id: string;
  readonly at: Date;
  readonly code: string;
  readonly message: string;
}

/** Keeps that an open letter was tried again, and what it failed with; one that was closed meanwhile stays as it is. */
export async function noteLetterAttempt(
  transaction: Transaction,
  { id, at, code, message }: LetterAttempt,
): Promise<void> {
  const row = await transaction
    .selectFrom("dead_letters")
    .select(["error", "created_at"])
    .where("id", "=", id)
    .where("status", "=", "open")
    .forUpdate()
    .executeTakeFirst();
  if (!row) return;
  const { earlier = [], attempts = 1, ...last } = row.error as LetterError;
  const before = { code: last.code, message: last.message, at: last.at ?? row.created_at.toISOString() };
  const error = {
    code,
    message,
    at: at.toISOString(),
    attempts: attempts + 1,
    earlier: [...earlier, before].slice(-MOST_EARLIER),
  };
  await transaction
    .updateTable("dead_letters")
    .set({ error: storableJson(error) })
    .where("id", "=", id)
    .execute();
}

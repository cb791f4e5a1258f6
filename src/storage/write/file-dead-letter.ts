import type { LetterError } from "../../domain/shapes/dead-letters.ts";
import type { Database } from "../database.ts";
import { storableJson } from "../storable-json.ts";

export interface DeadLetter {
  /** The operation that failed: filing it twice files one letter. */
  readonly operationId: string;
  /** What redriving it calls, for example `end_rollout`. */
  readonly operation: string;
  readonly prompt: string | null;
  readonly rolloutId: string | null;
  /** Everything that it takes to do it again. */
  readonly payload: Record<string, unknown>;
  readonly error: LetterError;
}

/** Keeps what could not be done. Gives the letter's id. */
export async function fileDeadLetter(db: Database, letter: DeadLetter): Promise<string> {
  const filed = await db
    .insertInto("dead_letters")
    .values({
      operation_id: letter.operationId,
      operation: letter.operation,
      prompt: letter.prompt,
      rollout_id: letter.rolloutId,
      payload: storableJson(letter.payload),
      error: storableJson(letter.error),
    })
    .onConflict((conflict) =>
      conflict.column("operation_id").doUpdateSet({ error: storableJson(letter.error) }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  return filed.id;
}

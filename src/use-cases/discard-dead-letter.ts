import { conflict } from "../domain/errors.ts";
import type { Database } from "../storage/database.ts";
import { requireDeadLetter } from "../storage/read/dead-letters.ts";
import type { DeadLetterRow } from "../domain/shapes/dead-letters.ts";
import { transact } from "../storage/transact.ts";
import { resolveDeadLetter } from "../storage/write/resolve-dead-letter.ts";

/** Closes a letter without doing what it says. One that was discarded before stays as it is. */
export async function discardDeadLetter(
  db: Database,
  discard: { readonly id: string; readonly by: string; readonly reason: string },
): Promise<DeadLetterRow> {
  const letter = await requireDeadLetter(db, discard.id);
  if (letter.status === "redriven")
    throw conflict(`dead letter ${letter.id} was redriven by ${letter.resolvedBy}: ${letter.resolution}`);
  if (letter.status === "open")
    await transact(db, (transaction) =>
      resolveDeadLetter(transaction, {
        id: letter.id,
        status: "discarded",
        by: discard.by,
        resolution: discard.reason,
      }),
    );
  return requireDeadLetter(db, letter.id);
}

import { SluiceError } from "../domain/errors.ts";
import { sayLost } from "../domain/plain/lost-datasets.ts";
import type { Database } from "../storage/database.ts";
import { lostContents, referredContents } from "../storage/read/contents.ts";
import { removeUnreferred } from "../storage/write/keep-content.ts";

/**
 * Removes contents that nobody refers to and that were written before a moment, for as long as the clock lets it.
 * `not_found` where the store cannot say.
 */
export async function clearContents(
  db: Database,
  before: Date,
  hasTime: () => boolean,
): Promise<{ readonly removed: number; readonly isDone: boolean }> {
  return asFinal(async () => {
    for (let removed = 0; ; removed++) {
      if (!(await removeUnreferred(db, before))) return { removed, isDone: true };
      if (!hasTime()) return { removed: removed + 1, isDone: false };
    }
  });
}

/** Looks whether every content that is referred to is there; `not_found` names what is lost. */
export async function findLostContents(db: Database): Promise<void> {
  await asFinal(async () => {
    const referred = await referredContents(db);
    const lost = await lostContents(db, referred);
    if (lost.length > 0) throw new SluiceError("not_found", sayLost(lost, referred.length));
  });
}

/** A store that is away for long must not keep a run from its end: the next one looks again. */
async function asFinal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SluiceError && error.code === "unavailable")
      throw new SluiceError("not_found", error.message, error.details);
    throw error;
  }
}

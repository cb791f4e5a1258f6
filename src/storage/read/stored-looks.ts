import type { Assessment } from "../../domain/rollout/verdict.ts";
import type { Database } from "../database.ts";

/** One look at the evidence as it was stored: what was decided, from what, by which code. */
export interface StoredLook {
  readonly tick: number;
  readonly at: Date;
  readonly verdict: string;
  readonly reason: string;
  readonly assessment: Assessment;
  readonly inputs: unknown;
  readonly codeVersion: string;
}

const PAGE = 200;

/** Every look of a rollout in its order, a page at a time: a long canary has tens of thousands. */
export async function* storedLooks(db: Database, rolloutId: string): AsyncGenerator<StoredLook> {
  for (let after = -1; ;) {
    const rows = await db
      .selectFrom("assessments")
      .select(["tick", "at", "verdict", "reason", "assessment", "inputs", "code_version as codeVersion"])
      .where("rollout_id", "=", rolloutId)
      .where("tick", ">", after)
      .orderBy("tick")
      .limit(PAGE)
      .execute();
    yield* rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.tick;
  }
}

/** The look that decided: the last one. */
export async function lastLook(db: Database, rolloutId: string): Promise<StoredLook | undefined> {
  return db
    .selectFrom("assessments")
    .select(["tick", "at", "verdict", "reason", "assessment", "inputs", "code_version as codeVersion"])
    .where("rollout_id", "=", rolloutId)
    .orderBy("tick", "desc")
    .limit(1)
    .executeTakeFirst();
}

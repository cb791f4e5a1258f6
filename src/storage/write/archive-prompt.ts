import { sql } from "kysely";
import { conflict } from "../../domain/errors.ts";
import { describeScope, columnsScope } from "../../domain/scope.ts";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";

export interface PromptToArchive {
  readonly prompt: string;
  readonly archived: boolean;
  /** Also where it is served: services go on getting what they get. */
  readonly stillServed?: boolean | undefined;
  readonly reason: string;
  readonly assertedActor: string | null;
}

/**
 * Puts a prompt away, or takes it out again; false when it was so already. One that is rolled out somewhere is not
 * put away (`conflict`), and neither is one that is served, unless that is meant.
 */
export async function archivePrompt(transaction: Transaction, archive: PromptToArchive): Promise<boolean> {
  const { prompt, archived, stillServed = false, reason, assertedActor } = archive;
  // A rollout that begins holds this row too (see archivedProblem), so neither can slip past the other.
  const { archived_at } = await transaction
    .selectFrom("prompts")
    .select("archived_at")
    .where("name", "=", prompt)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if ((archived_at !== null) === archived) return false;
  if (archived) {
    await refuseRolledOut(transaction, prompt);
    if (!stillServed) await refuseServed(transaction, prompt);
  }
  await transaction
    .updateTable("prompts")
    .set({ archived_at: archived ? sql`clock_timestamp()` : null })
    .where("name", "=", prompt)
    .execute();
  await appendAudit(transaction, {
    prompt,
    action: archived ? "prompt_archived" : "prompt_unarchived",
    reason,
    assertedActor,
  });
  return true;
}

async function refuseRolledOut(transaction: Transaction, prompt: string): Promise<void> {
  const running = await transaction
    .selectFrom("rollouts")
    .select("id")
    .where("prompt", "=", prompt)
    .where("outcome", "is", null)
    .executeTakeFirst();
  if (running)
    throw conflict(
      `${prompt} is being rolled out (${running.id}); end that first: sluice rollout abort ${prompt}`,
      {
        prompt,
        rolloutId: running.id,
      },
    );
}

async function refuseServed(transaction: Transaction, prompt: string): Promise<void> {
  const serving = await transaction
    .selectFrom("pointers as p")
    .innerJoin("versions as v", "v.id", "p.active_version")
    .select(["p.label", "p.prompt", "p.model", "p.tenant", "v.number"])
    .where("v.prompt", "=", prompt)
    .executeTakeFirst();
  if (serving) {
    const where = describeScope(columnsScope(serving));
    throw conflict(
      `${where} serves ${prompt}@${serving.number}: it is archived only with --still-served, and services go on getting what they get`,
      {
        prompt,
        label: serving.label,
        version: serving.number,
      },
    );
  }
}

/** Why nothing of an archived prompt may be rolled out or made live. Holds its row until the transaction ends. */
export async function archivedProblem(transaction: Transaction, prompt: string): Promise<string | undefined> {
  const row = await transaction
    .selectFrom("prompts")
    .select("archived_at")
    .where("name", "=", prompt)
    .forShare()
    .executeTakeFirst();
  return row?.archived_at ? archivedMessage(prompt) : undefined;
}

export function archivedMessage(prompt: string): string {
  return `${prompt} is archived: take it out again first: sluice unarchive ${prompt} --reason …`;
}

import { sql } from "kysely";
import type { ListedSession } from "../../domain/shapes/sessions.ts";
import type { Transaction } from "../database.ts";
import { listSessions, listSessionsByAdmin } from "../read/session-list.ts";
import { appendAudit } from "./append-audit.ts";
import type { KeyHand } from "./key-register.ts";

/** The sessions that are still good; an admin's access is told of those that they may know of. */
export function sessionsFor(
  transaction: Transaction,
  { access = "table" }: KeyHand = {},
): Promise<ListedSession[]> {
  return access === "admin" ? listSessionsByAdmin(transaction) : listSessions(transaction);
}

/** Ends a session that somebody else holds; audited in the same transaction. False when it was over before. */
export async function endListedSession(
  transaction: Transaction,
  { id, kind, name }: Pick<ListedSession, "id" | "kind" | "name">,
  { access = "table", by }: KeyHand = {},
): Promise<boolean> {
  const ended = access === "admin" ? await endByAdmin(transaction, id) : await endInTable(transaction, id);
  if (ended)
    await appendAudit(transaction, {
      prompt: "",
      action: "session_ended",
      assertedActor: by ?? null,
      details: { session: id, kind, who: name },
    });
  return ended;
}

async function endByAdmin(transaction: Transaction, id: string): Promise<boolean> {
  const { rows } = await sql<{ ended: boolean }>`
    select sluice.end_listed_session(${id}) as ended`.execute(transaction);
  return rows[0]!.ended;
}

async function endInTable(transaction: Transaction, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update sluice.sessions set ended_at = clock_timestamp(), sealed_tokens = null
    where id = ${id} and ended_at is null`.execute(transaction);
  return (numAffectedRows ?? 0n) > 0n;
}

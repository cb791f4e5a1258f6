import { sql } from "kysely";
import type { Answering } from "../../domain/monitors/answering.ts";
import type { RegateFinding, RegateReference } from "../../domain/monitors/regate.ts";
import type { Database, Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";

export interface RegateToOpen {
  readonly monitorId: string;
  readonly versionId: string;
  /** Of the workflow: asked for again it is the same one. */
  readonly runId: string;
  readonly kind: "reference" | "run";
  readonly askedSha256: string | null;
  readonly referenceId: string | null;
  /** Why it cannot be begun; then it has ended. */
  readonly problem?: string;
}

/** Opens one, and gives the id of its evaluation. */
export async function openRegate(transaction: Transaction, regate: RegateToOpen): Promise<string> {
  const { monitorId, versionId, runId, kind, askedSha256, referenceId, problem = null } = regate;
  const { rows } = await sql<{ id: string }>`
    insert into sluice.regates (monitor_id, version_id, run_id, kind, asked_sha256, reference_id, problem, ended_at)
    values (${monitorId}::uuid, ${versionId}::uuid, ${runId}, ${kind}, ${askedSha256}, ${referenceId}::uuid, ${problem},
      case when ${problem}::text is not null then clock_timestamp() end)
    on conflict (run_id) do update set run_id = excluded.run_id returning evaluation_id as id`.execute(
    transaction,
  );
  return rows[0]!.id;
}

/** Ends one with what it found, or with why it found nothing; false where it has ended before. */
export async function endRegate(
  db: Database,
  evaluationId: string,
  end: { readonly result: RegateFinding | RegateReference } | { readonly problem: string },
): Promise<boolean> {
  const result = "result" in end ? storableJson(end.result) : null;
  const problem = "problem" in end ? end.problem : null;
  const { rows } = await sql`
    update sluice.regates set ended_at = clock_timestamp(), result = ${result}::jsonb, problem = ${problem}
    where evaluation_id = ${evaluationId}::uuid and ended_at is null returning 1`.execute(db);
  return rows.length > 0;
}

/** Notes what a monitor's schedule was made from; null: it has none. */
export async function noteRegateSchedule(db: Database, id: string, sha256: string | null): Promise<void> {
  await sql`update sluice.monitors set scheduled_sha256 = ${sha256} where id = ${id}::uuid`.execute(db);
}

/** True for the one who is to have a reference made of the version that has gone live. */
export async function claimReference(db: Database, id: string, versionId: string): Promise<boolean> {
  const { rows } = await sql`
    update sluice.monitors set referred_version = ${versionId}::uuid
    where id = ${id}::uuid and referred_version is distinct from ${versionId}::uuid returning 1`.execute(db);
  return rows.length > 0;
}

/** Keeps what answers; `isDue`: the tests are asked out of turn for it. */
export async function keepAnswering(
  transaction: Transaction,
  id: string,
  { answering, isDue }: { readonly answering: Answering; readonly isDue: boolean },
): Promise<void> {
  await sql`
    update sluice.monitors set answering = ${storableJson(answering)}::jsonb, is_due = is_due or ${isDue}
    where id = ${id}::uuid`.execute(transaction);
}

/** True for the one who is to have the tests asked out of turn. */
export async function claimDue(db: Database, id: string): Promise<boolean> {
  const { rows } = await sql`
    update sluice.monitors set is_due = false where id = ${id}::uuid and is_due returning 1`.execute(db);
  return rows.length > 0;
}

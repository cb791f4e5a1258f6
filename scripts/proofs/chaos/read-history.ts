import type { Client } from "@temporalio/client";
import { sql } from "kysely";
import type { Database } from "../../../src/storage/database.ts";
import { verifyAudit } from "../../../src/storage/read/verify-audit.ts";
import type { AuditEntry, EndedRollout, History, PointerVersion, RolloutCounts } from "./history.ts";

/** What the store and Temporal keep of a prompt's rollouts, once all is quiet. */
export async function readHistory(
  db: Database,
  client: Client,
  prompt: string,
  since: Date,
): Promise<Omit<History, "operations" | "samples" | "freezes">> {
  const verified = await verifyAudit(db);
  const letters = await db
    .selectFrom("dead_letters")
    .select(["operation", "error", "rollout_id"])
    .where((where) =>
      // One of a rollout that never had a row names no prompt.
      where.or([
        where("prompt", "=", prompt),
        where.and([where("prompt", "is", null), where("created_at", ">", since)]),
      ]),
    )
    .execute();
  return {
    pointers: await pointerVersions(db, prompt),
    audit: await auditEntries(db, prompt),
    rollouts: await rollouts(db, client, prompt),
    counts: await counts(db, prompt),
    brokenChains: [...verified.broken, ...verified.astray].map((problem) => JSON.stringify(problem)),
    deadLetters: letters.map(
      ({ operation, error, rollout_id }) => `${operation} of ${rollout_id}: ${JSON.stringify(error)}`,
    ),
  };
}

async function pointerVersions(db: Database, prompt: string): Promise<PointerVersion[]> {
  const { rows } = await sql<PointerVersion>`
    select tenant as scope, revision, active_version as active, candidate_version as candidate, mode, share, epoch,
      rollout_id as "rolloutId", extract(epoch from lease_until)::float8 * 1000 as "leaseUntil",
      extract(epoch from coalesce(pg_xact_commit_timestamp(xid), updated_at))::float8 * 1000 as at
    from chaos.pointers where prompt = ${prompt} order by id`.execute(db);
  return rows;
}

async function auditEntries(db: Database, prompt: string): Promise<AuditEntry[]> {
  const { rows } = await sql<AuditEntry>`
    select tenant as scope, action, revision, rollout_id as "rolloutId", asserted_actor as by, reason,
      extract(epoch from at)::float8 * 1000 as at
    from sluice.audit where prompt = ${prompt} and tenant is not null order by seq`.execute(db);
  return rows;
}

async function rollouts(db: Database, client: Client, prompt: string): Promise<EndedRollout[]> {
  const { rows } = await sql<Omit<EndedRollout, "workflow"> & { workflowId: string; runId: string | null }>`
    select id, tenant as scope, request_id as "requestId", outcome, reason,
      extract(epoch from ended_at)::float8 * 1000 as "endedAt", workflow_id as "workflowId", run_id as "runId"
    from sluice.rollouts where prompt = ${prompt} order by started_at`.execute(db);
  return Promise.all(
    rows.map(async ({ workflowId, runId, ...rollout }) => {
      const handle = client.workflow.getHandle(workflowId, runId ?? undefined);
      const { status } = await handle.describe();
      return { ...rollout, workflow: status.name };
    }),
  );
}

async function counts(db: Database, prompt: string): Promise<RolloutCounts[]> {
  const { rows } = await sql<RolloutCounts>`
    select r.id as "rolloutId", m.metric,
      (select count(*) from sluice.exposures e where e.rollout_id = r.id and e.arm in ('candidate', 'control'))
        as exposures,
      (select count(*) from sluice.open_units u where u.rollout_id = r.id and u.window_ms = m.window_ms) as open,
      (select count(distinct o.exposure) from sluice.outcomes o join sluice.exposures e on e.id = o.exposure
        where e.rollout_id = r.id) as answered,
      (select coalesce(sum(c.units), 0)::bigint from sluice.cells c
        where c.rollout_id = r.id and c.metric = m.metric) as "foldedUnits",
      (select coalesce(sum(c.n), 0)::bigint from sluice.cells c
        where c.rollout_id = r.id and c.metric = m.metric) as "foldedValues"
    from sluice.rollouts r join sluice.rollout_metrics m on m.rollout_id = r.id
    where r.prompt = ${prompt}`.execute(db);
  return rows;
}

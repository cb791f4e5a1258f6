import { setTimeout as delay } from "node:timers/promises";
import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import { sql } from "kysely";
import type { Database } from "../../../src/storage/database.ts";
import { verifyAudit } from "../../../src/storage/read/verify-audit.ts";
import {
  type AuditEntry,
  type EndedRollout,
  type Exposure,
  type History,
  NEVER_STARTED,
  type PointerVersion,
  type RolloutCounts,
  type VersionUsage,
} from "./history.ts";

type Kept = Omit<History, "operations" | "readings" | "samples" | "freezes">;

/** What the store and Temporal keep of a prompt's rollouts, once all is quiet. */
export async function readHistory(
  db: Database,
  client: Client,
  prompt: string,
  since: Date,
  taken: ReadonlySet<string>,
): Promise<Kept> {
  // First: what comes of it stands in the rest.
  const lost = await lostOutcomes(db, [...taken]);
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
    exposures: await exposures(db, prompt),
    usage: await usage(db, prompt),
    takenOutcomes: [...taken],
    lostOutcomes: lost,
    brokenChains: [...verified.broken, ...verified.astray].map((problem) => JSON.stringify(problem)),
    deadLetters: letters.map(
      ({ operation, error, rollout_id }) => `${operation} of ${rollout_id}: ${JSON.stringify(error)}`,
    ),
  };
}

async function pointerVersions(db: Database, prompt: string): Promise<PointerVersion[]> {
  const { rows } = await sql<PointerVersion>`
    select tenant as scope, revision, active_version as active, candidate_version as candidate,
      previous_version as previous, mode,
      share, epoch, rollout_id as "rolloutId", extract(epoch from lease_until)::float8 * 1000 as "leaseUntil",
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
      return { ...rollout, workflow: await statusOf(client, rollout.id, workflowId, runId) };
    }),
  );
}

async function statusOf(
  client: Client,
  id: string,
  workflowId: string,
  runId: string | null,
): Promise<string> {
  try {
    const { status, memo } = await client.workflow.getHandle(workflowId, runId ?? undefined).describe();
    // An earlier rollout of the scope has had the same workflow id.
    return runId === null && memo?.["rolloutId"] !== id ? NEVER_STARTED : status.name;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // Whoever asked for it was killed between the row and the workflow.
    return runId === null ? NEVER_STARTED : "LOST";
  }
}

async function counts(db: Database, prompt: string): Promise<RolloutCounts[]> {
  const { rows } = await sql<RolloutCounts>`
    select r.id as "rolloutId", m.metric, a.arm,
      (select count(*) from sluice.exposures e where e.rollout_id = r.id and e.arm = a.arm) as exposures,
      (select count(*) from sluice.open_units u
        where u.rollout_id = r.id and u.window_ms = m.window_ms and u.arm = a.arm) as open,
      (select count(distinct o.exposure) from sluice.outcomes o join sluice.exposures e on e.id = o.exposure
        where e.rollout_id = r.id and e.arm = a.arm) as answered,
      (select coalesce(sum(c.units), 0)::bigint from sluice.cells c
        where c.rollout_id = r.id and c.metric = m.metric and c.arm = a.arm) as "foldedUnits",
      (select coalesce(sum(c.n), 0)::bigint from sluice.cells c
        where c.rollout_id = r.id and c.metric = m.metric and c.arm = a.arm) as "foldedValues"
    from sluice.rollouts r join sluice.rollout_metrics m on m.rollout_id = r.id
    cross join (values ('candidate'), ('control')) a (arm)
    where r.prompt = ${prompt}`.execute(db);
  return rows;
}

async function exposures(db: Database, prompt: string): Promise<Exposure[]> {
  const { rows } = await sql<Exposure>`
    select e.rollout_id as "rolloutId", e.unit as digest, e.mode, e.arm
    from sluice.exposures e join sluice.rollouts r on r.id = e.rollout_id where r.prompt = ${prompt}`.execute(
    db,
  );
  return rows;
}

async function usage(db: Database, prompt: string): Promise<VersionUsage[]> {
  const { rows } = await sql<VersionUsage>`
    select v.number::text as version,
      (select count(*) from sluice.outcomes o where o.version_id = v.id and o.metrics ? 'rating') as outcomes,
      (select coalesce(sum(u.n), 0)::bigint from sluice.usage u
        where u.version_id = v.id and u.metric = 'rating') as counted
    from sluice.versions v where v.prompt = ${prompt}`.execute(db);
  return rows;
}

/** A relay sends on what it has taken once its server is back, which may be this very moment. */
const SENT_ON_WITHIN_MS = 60_000;

async function lostOutcomes(db: Database, taken: readonly string[]): Promise<string[]> {
  const began = performance.now();
  for (let left = taken; ; await delay(500)) {
    const { rows } = await sql<{ id: string }>`
      select id::text from unnest(${left}::uuid[]) as t (id)
      where not exists (select from sluice.outcomes o where o.id = t.id)`.execute(db);
    left = rows.map(({ id }) => id);
    if (left.length === 0 || performance.now() - began > SENT_ON_WITHIN_MS) return [...left];
  }
}

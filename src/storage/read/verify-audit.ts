import { sql } from "kysely";
import { allowsReading, type Grants } from "../../domain/access/grants.ts";
import type { AuditVerification, BrokenChain } from "../../domain/shapes/verification.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import { promptSeenBy } from "./seen-by.ts";

/**
 * Computes every chain again, in the database that wrote it: a changed, missing or added entry shows. And holds
 * every pointer against the newest entry about it: one that was moved without an entry shows, whoever did it. With
 * grants: what a key that has them may know of.
 */
export async function verifyAudit(db: Database, seen: Grants = {}): Promise<AuditVerification> {
  const broken = await brokenChains(db, seen);
  const astray = await pointersAstray(db, seen);
  const totals = await db
    .selectFrom("audit")
    .where(promptSeenBy(seen, "audit.prompt"))
    .select((select) => [
      select.fn.countAll<number>().as("entries"),
      select.fn.count<number>("prompt").distinct().as("prompts"),
    ])
    .executeTakeFirstOrThrow();
  const ok = broken.length + astray.length === 0;
  return { ok, entries: totals.entries, prompts: totals.prompts, broken, astray };
}

async function brokenChains(db: Database, seen: Grants): Promise<BrokenChain[]> {
  const { rows } = await sql<BrokenChain>`
    with chained as (
      select a.*, sluice.audit_hash(a) as computed,
             lag(a.hash, 1, repeat('0', 64)) over chain as expected_previous,
             row_number() over chain as expected_seq
      from sluice.audit a where ${promptSeenBy(seen, "a.prompt")}
      window chain as (partition by a.prompt order by a.seq)
    ), problems as (
      select prompt, seq, case
        when seq <> expected_seq then 'an entry before it is missing'
        when previous_hash <> expected_previous then 'it does not follow the entry before it'
        when hash <> computed then 'it was changed after it was written' end as problem
      from chained
      union all
      select h.prompt, h.seq, 'the newest entries are missing'
      from sluice.audit_heads h
      where h.seq <> (select coalesce(max(a.seq), 0) from sluice.audit a where a.prompt = h.prompt)
         or h.hash is distinct from (select a.hash from sluice.audit a where a.prompt = h.prompt and a.seq = h.seq)
      union all
      select a.prompt, max(a.seq), 'the head of its chain is missing'
      from sluice.audit a where not exists (select from sluice.audit_heads h where h.prompt = a.prompt)
      group by a.prompt
    )
    select distinct on (prompt) prompt, seq, problem from problems where problem is not null and ${promptSeenBy(seen, "prompt")}
    order by prompt, seq`.execute(db);
  return rows;
}

interface Astray extends ScopeColumns {
  readonly problem: string;
}

/** One statement, so that pointers and log are of one moment. */
async function pointersAstray(db: Database, seen: Grants) {
  const { rows } = await sql<Astray>`
    with moves as (
      select label, case when details ->> 'anyPrompt' = 'true' then '' else prompt end as prompt, model, tenant,
             revision, action, to_version
      from sluice.audit where revision is not null
    ), newest as (
      select distinct on (label, prompt, model, tenant) * from moves
      order by label, prompt, model, tenant, revision desc
    ), served as (
      select distinct on (label, prompt, model, tenant) * from moves
      where action not in ('rollout_started', 'stage_opened')
      order by label, prompt, model, tenant, revision desc
    ), compared as (
      select label, prompt, model, tenant, case
        when p.revision is null then 'there is no such pointer any more, though the log has revision ' || n.revision
        when n.revision is null then 'it is at revision ' || p.revision || ', and the log has no entry about it'
        when p.revision <> n.revision then
          'it is at revision ' || p.revision || ', and the newest entry about it at ' || n.revision
        when p.active_version is distinct from s.to_version then 'it serves another version than the log has'
        when p.candidate_version is not null and n.action = 'stage_opened'
          and p.candidate_version <> n.to_version then 'it shows another candidate than the log has'
        end as problem
      from sluice.pointers p
      full join newest n using (label, prompt, model, tenant)
      left join served s using (label, prompt, model, tenant)
    )
    select * from compared where problem is not null order by prompt, label, model, tenant`.execute(db);
  return rows
    .filter((scope) => allowsReading(seen, scope))
    .map(({ problem, ...scope }) => ({
      prompt: scope.prompt,
      scope: describeScope(columnsScope(scope)),
      problem,
    }));
}

import { sql } from "kysely";
import type { RolloutPolicy } from "../../domain/policy/policy.ts";
import type { RolloutSetting, TestsReading } from "../../domain/rollout/reading.ts";
import type { AssessmentInput } from "../../statistics/decision/assessment-input.ts";
import type { Database } from "../database.ts";
import { standingDecision } from "./decision.ts";
import type { RolloutRow } from "./rollout-row.ts";
import { lastLook } from "./stored-looks.ts";
import { type KeptReport, testsReading } from "./tests-reading.ts";

/** The rules whose looks readings can be made of; those of an older form have none. */
const READABLE = "3";

/** What sentences about a rollout need beside its status: names, bounds, whose word is waited for. */
export async function settingOfRollout(db: Database, row: RolloutRow): Promise<RolloutSetting> {
  const { policy } = row;
  const { canary } = policy;
  const [looked, moments, tests, approval] = await Promise.all([
    readingsOfLook(db, row),
    momentsOf(db, row),
    testsOf(db, row.id, policy),
    approvalOf(db, row),
  ]);
  const least = canary?.stages[row.stage - 1];
  const opened = row.phase === "canary" ? moments.stageOpenedAt : null;
  return {
    users: canary?.users ?? "users",
    names: namesOf(policy),
    readings: looked?.readings ?? [],
    fuses: looked?.fuses ?? [],
    lastStage: looked?.lastStage ?? false,
    stage:
      canary && least && opened
        ? {
            until: after(opened, least.dwell_ms),
            unitsLeft: Math.max(0, Math.min(canary.min_units, canary.max_units) - (looked?.closed ?? 0)),
          }
        : null,
    maxUnits: canary?.max_units ?? null,
    unattendedSince: moments.leaseOverAt?.toISOString() ?? null,
    approval,
    pausedBy:
      row.paused && moments.pausedBy !== null ? { by: moments.pausedBy, why: moments.pausedFor } : null,
    tests,
    watchedUntil:
      row.phase === "watching" && policy.watch && moments.watchedFrom
        ? after(moments.watchedFrom, policy.watch.for_ms)
        : null,
    deadLetterId: moments.letter,
  };
}

function namesOf({ metrics = {} }: Partial<RolloutPolicy>): RolloutSetting["names"] {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, { title, unit }]) =>
      title === undefined && unit === undefined
        ? []
        : [[name, { ...(title !== undefined && { title }), ...(unit !== undefined && { unit }) }] as const],
    ),
  );
}

function after(start: Date, ms: number): string {
  return new Date(start.getTime() + ms).toISOString();
}

async function readingsOfLook(db: Database, { id }: RolloutRow) {
  const look = await lastLook(db, id);
  if (look?.codeVersion !== READABLE) return undefined;
  // Loaded where there is a look to be read: commands that only list rollouts go without the formulas.
  const { readingsOf } = await import("../../statistics/decision/edges/readings.ts");
  return readingsOf(look.inputs as AssessmentInput);
}

interface Moments {
  readonly stageOpenedAt: Date | null;
  readonly watchedFrom: Date | null;
  readonly leaseOverAt: Date | null;
  readonly pausedBy: string | null;
  readonly pausedFor: string | null;
  readonly letter: string | null;
}

async function momentsOf(db: Database, { id, stage }: RolloutRow): Promise<Moments> {
  const { rows } = await sql<Moments>`
    select
      (select min(opened_at) from sluice.rollout_epochs e
       where e.rollout_id = ${id} and e.mode = 'canary' and e.stage = ${stage - 1}) as "stageOpenedAt",
      (select min(opened_at) from sluice.rollout_epochs e
       where e.rollout_id = ${id} and e.mode = 'holdback') as "watchedFrom",
      (select lease_until from sluice.pointers p
       where p.rollout_id = ${id} and p.candidate_version is not null and p.lease_until < clock_timestamp()) as "leaseOverAt",
      paused.by as "pausedBy", asked.reason as "pausedFor",
      (select d.id from sluice.dead_letters d
       where d.rollout_id = ${id} and d.status = 'open' order by d.created_at desc limit 1) as letter
    from (select 1) one
    left join lateral (
      select coalesce(a.principal ->> 'name', a.asserted_actor, a.actor) as by, a.seq from sluice.audit a
      where a.rollout_id = ${id} and a.action = 'paused' order by a.seq desc limit 1) paused on true
    left join lateral (
      select a.reason from sluice.audit a
      where a.rollout_id = ${id} and a.action = 'pause_requested' and a.seq < paused.seq
      order by a.seq desc limit 1) asked on true`.execute(db);
  return rows[0]!;
}

async function approvalOf(db: Database, row: RolloutRow): Promise<RolloutSetting["approval"]> {
  const { waiting_for: point, policy } = row;
  if (point !== "canary" && point !== "promote") return null;
  const { approvedBy } = await standingDecision(db, row.id, point);
  return {
    needed: policy.approval?.approvers ?? 1,
    given: approvedBy,
    // A rollout that waits is not changed meanwhile.
    until: after(row.updated_at, policy.approval?.timeout_ms ?? 0),
  };
}

async function testsOf(
  db: Database,
  rolloutId: string,
  { gate }: RolloutPolicy,
): Promise<TestsReading | null> {
  if (!gate) return null;
  const { rows } = await sql<{
    verdict: TestsReading["verdict"];
    report: KeptReport | null;
    answers: number;
  }>`
    select e.verdict, e.report - 'results' as report,
      (select count(*)::integer from sluice.evaluation_results r where r.evaluation_id = e.id) as answers
    from sluice.evaluations e where e.rollout_id = ${rolloutId}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  return { ...testsReading(row.report, row.verdict, gate), answers: row.answers };
}

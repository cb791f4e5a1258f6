import { type RawBuilder, sql } from "kysely";
import type { RetentionKind } from "../domain/retention.ts";
import type { Tables } from "./tables.ts";

/** A table that rows are removed from, and which of them: its row is called `x`. */
export interface ExpiringTable {
  readonly kind: RetentionKind;
  readonly table: keyof Tables;
  /** What a row is about: its tombstone's subject. */
  readonly subject?: "rollout_id" | "evaluation_id" | "version_id";
  /** Which rows have had their time before that moment. */
  readonly isExpired: (before: Date) => RawBuilder<boolean>;
}

/** Of a rollout that has been over since then. */
const ended = (before: Date) =>
  sql<boolean>`exists (select from sluice.rollouts r where r.id = x.rollout_id and r.ended_at < ${before})`;

/** What may still be asked again: nothing that is as new as the oldest thing that is under way. */
const oldestUnderWay = sql<Date>`least(
  (select min(started_at) from sluice.rollouts where outcome is null),
  (select min(started_at) from sluice.deliveries where ended_at is null),
  (select min(created_at) from sluice.dead_letters where status = 'open'))`;

export const EXPIRING: readonly ExpiringTable[] = [
  {
    kind: "outcomes",
    table: "outcomes",
    subject: "rollout_id",
    isExpired: (before) =>
      sql`x.received_at < ${before} and not exists (
        select from sluice.rollouts r where r.id = x.rollout_id and (r.ended_at is null or r.ended_at >= ${before}))`,
  },
  { kind: "outcomes", table: "open_units", isExpired: ended },
  { kind: "outcomes", table: "exposures", subject: "rollout_id", isExpired: ended },
  {
    // The last look, and each that said something, stay: what a rollout came to can be decided again.
    kind: "assessments",
    table: "assessments",
    subject: "rollout_id",
    isExpired: (before) =>
      sql`x.verdict = 'continue' and ${ended(before)} and exists (
        select from sluice.assessments later where later.rollout_id = x.rollout_id and later.tick > x.tick)`,
  },
  {
    kind: "evaluations",
    table: "evaluation_results",
    subject: "evaluation_id",
    isExpired: (before) =>
      sql`x.recorded_at < ${before} and exists (
        select from sluice.evaluations e left join sluice.rollouts r on r.id = e.rollout_id
        where e.id = x.evaluation_id and e.ended_at < ${before} and (r.id is null or r.ended_at < ${before}))`,
  },
  { kind: "usage", table: "usage", subject: "version_id", isExpired: (before) => sql`x.hour < ${before}` },
  { kind: "usage", table: "usage_histogram", isExpired: (before) => sql`x.hour < ${before}` },
  { kind: "usage", table: "answering", isExpired: (before) => sql`x.hour < ${before}` },
  {
    kind: "caller_values",
    table: "caller_values",
    isExpired: (before) => sql`x.day < (${before} at time zone 'utc')::date`,
  },
  {
    kind: "operations",
    table: "operations",
    isExpired: (before) => sql`x.applied_at < least(${before}::timestamptz, ${oldestUnderWay})`,
  },
  {
    kind: "dead_letters",
    table: "dead_letters",
    isExpired: (before) => sql`x.status <> 'open' and x.resolved_at < ${before}`,
  },
];

const DAY_MS = 86_400_000;

/** What had its time before this moment is removed, of what is kept for so many days. */
export function timeIsOverBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * DAY_MS);
}

/** The rows of a slice of a table, by where they lie in it: the next slice never sees them again. */
export function inSlice(fromBlock: number, blocks: number): RawBuilder<boolean> {
  return sql`x.ctid >= ${`(${fromBlock},0)`}::tid and x.ctid < ${`(${fromBlock + blocks},0)`}::tid`;
}

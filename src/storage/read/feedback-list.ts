import { type RawBuilder, sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { ListedFeedback } from "../../domain/shapes/feedback.ts";
import type { Database } from "../database.ts";
import { RATING } from "./live-prompts.ts";

export interface FeedbackQuery {
  readonly prompt: string;
  readonly versionId?: string | undefined;
  /** Only where a metric that is a rating by its name has this value. */
  readonly rating?: number | undefined;
  readonly since: Date;
  /** Only outcomes with a sample, or only those with feedback; either when it is left out. */
  readonly with?: "feedback" | "sample" | undefined;
  readonly limit: number;
  /** Only what is older than this outcome. */
  readonly before?: string | undefined;
  /** Only what a key with these grants may know of; the prompt is looked at by whoever asks. */
  readonly seen?: Pick<Grants, "labels" | "tenants"> | undefined;
}

/** The newest first. */
export async function listFeedback(db: Database, query: FeedbackQuery): Promise<ListedFeedback[]> {
  const { prompt, versionId, rating, since, limit, before, seen = {} } = query;
  const given = {
    feedback: sql`o.feedback is not null`,
    sample: sql`o.sample is not null`,
    either: sql`(o.feedback is not null or o.sample is not null)`,
  }[query.with ?? "either"];
  const { rows } = await sql<Omit<ListedFeedback, "receivedAt"> & { readonly receivedAt: Date }>`
    select o.id as "outcomeId", v.number as version, o.received_at as "receivedAt", o.rollout_id as "rolloutId",
           e.arm, o.metrics, o.feedback, o.sample
    from sluice.outcomes o join sluice.versions v on v.id = o.version_id
    left join sluice.exposures e on e.id = o.exposure
    left join sluice.rollouts r on r.id = o.rollout_id
    where v.prompt = ${prompt} and o.received_at >= ${since} and ${given}
      ${versionId === undefined ? sql`` : sql`and v.id = ${versionId}`}
      ${rating === undefined ? sql`` : rated(rating)}
      ${among("r.label", seen.labels)} ${among("r.tenant", seen.tenants)}
      ${before === undefined ? sql`` : sql`and (o.received_at, o.id) < (select received_at, id from sluice.outcomes where id = ${before})`}
    order by o.received_at desc, o.id desc limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...row, receivedAt: row.receivedAt.toISOString() }));
}

function rated(rating: number): RawBuilder<unknown> {
  return sql`and exists (
    select from jsonb_each(o.metrics) one (metric, value)
    where one.metric ~* ${RATING}
      and case jsonb_typeof(one.value) when 'number' then one.value::float8 = ${rating} else false end)`;
}

/**
 * Whose words they are is known from the rollout that they were said in. What is of none, or of a scope that all
 * tenants share, may be anybody's, and is nobody's to read who is for some alone.
 */
function among(column: string, names: readonly string[] | undefined): RawBuilder<unknown> {
  return names === undefined ? sql`` : sql`and ${sql.ref(column)} = any (${names}::text[])`;
}

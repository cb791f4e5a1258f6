import { sql } from "kysely";
import type { Database } from "../database.ts";

/** An outcome that came with what a user said, or with a sample of what was asked and answered. */
export interface ListedFeedback {
  readonly outcomeId: string;
  readonly version: number;
  readonly receivedAt: string;
  readonly rolloutId: string | null;
  readonly arm: "candidate" | "control" | null;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly feedback: string | null;
  /** `{variables, output}`, as the service gave them. */
  readonly sample: unknown;
}

export interface FeedbackQuery {
  readonly prompt: string;
  readonly versionId?: string | undefined;
  readonly since: Date;
  /** Only outcomes with a sample, or only those with feedback; either when it is left out. */
  readonly with?: "feedback" | "sample" | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listFeedback(db: Database, query: FeedbackQuery): Promise<ListedFeedback[]> {
  const { prompt, versionId, since, limit } = query;
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
    where v.prompt = ${prompt} and o.received_at >= ${since} and ${given}
      ${versionId === undefined ? sql`` : sql`and v.id = ${versionId}`}
    order by o.received_at desc, o.id limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...row, receivedAt: row.receivedAt.toISOString() }));
}

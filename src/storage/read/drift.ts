import type { SeenDrift, SeenDrifts } from "../../domain/shapes/syncing.ts";
import { allowsPrompt, allowsReading, type Grants } from "../../domain/access/grants.ts";
import type { Database } from "../database.ts";

/** What the schedule has seen last of where what is served is not what Git says. */
export async function listDrift(db: Database): Promise<SeenDrifts> {
  const [look, rows] = await Promise.all([
    db.selectFrom("drift_looks").select("looked_at").executeTakeFirst(),
    db
      .selectFrom("drift")
      .selectAll()
      .orderBy("repository")
      .orderBy("prompt")
      .orderBy("environment")
      .execute(),
  ]);
  return {
    lookedAt: look?.looked_at.toISOString() ?? null,
    drift: rows.map((row) => ({
      kind: row.kind,
      repository: row.repository,
      prompt: row.prompt,
      environment: row.environment || null,
      label: row.label || null,
      model: row.model || null,
      tenant: row.tenant || null,
      live: row.live,
      rolloutId: row.rollout_id,
      message: row.message,
      since: row.since.toISOString(),
    })),
  };
}

/** Whether somebody with these grants may know of it: what is at no label is of the prompt. */
export function seesDrift(grants: Grants, { prompt, label, tenant }: SeenDrift): boolean {
  return label === null
    ? allowsPrompt(grants, prompt)
    : allowsReading(grants, { label, prompt, tenant: tenant ?? "" });
}

import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { ListedPointer } from "../../domain/shapes/pointers.ts";

/** Every pointer, or those that a prompt's requests can meet. */
export async function listPointers(db: Database, prompt?: string): Promise<ListedPointer[]> {
  let query = db
    .selectFrom("pointers")
    .leftJoin("versions as active", "active.id", "pointers.active_version")
    .leftJoin("versions as previous", "previous.id", "pointers.previous_version")
    .leftJoin("versions as candidate", "candidate.id", "pointers.candidate_version")
    .selectAll("pointers")
    .select([
      "active.prompt as active_prompt",
      "active.number as active_number",
      "previous.prompt as previous_prompt",
      "previous.number as previous_number",
      "candidate.prompt as candidate_prompt",
      "candidate.number as candidate_number",
      sql<
        number | null
      >`greatest(0, extract(epoch from lease_until - clock_timestamp()) * 1000)::double precision`.as(
        "lease_ms",
      ),
    ]);
  if (prompt !== undefined) query = query.where("pointers.prompt", "in", [prompt, ""]);
  const rows = await query
    // Defaults for every prompt come after what prompts have of their own.
    .orderBy(sql`pointers.prompt = ''`)
    .orderBy("pointers.prompt")
    .orderBy("pointers.label")
    .orderBy("pointers.model")
    .orderBy("pointers.tenant")
    .execute();
  return rows.map((row) => ({
    label: row.label,
    prompt: row.prompt || null,
    model: row.model || null,
    tenant: row.tenant || null,
    active: named(row.active_prompt, row.active_number),
    activeId: row.active_version,
    previous: named(row.previous_prompt, row.previous_number),
    candidate: named(row.candidate_prompt, row.candidate_number),
    mode: row.mode,
    share: row.share / 100,
    rolloutId: row.rollout_id,
    leaseMs: row.candidate_version === null || row.lease_ms === null ? null : Math.round(row.lease_ms),
    revision: row.revision,
    updatedAt: row.updated_at.toISOString(),
  }));
}

function named(prompt: string | null, number: number | null): string | null {
  return prompt === null ? null : `${prompt}@${number}`;
}

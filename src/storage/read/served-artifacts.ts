import { sql } from "kysely";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { Database } from "../database.ts";

export interface ServedPlace {
  readonly prompt: string;
  readonly label: string;
}

/** What labels serve of prompts, by {@link placeKey}: one question, however many there are. */
export async function servedArtifacts(
  db: Database,
  places: readonly ServedPlace[],
): Promise<Map<string, Artifact>> {
  if (places.length === 0) return new Map();
  const { rows } = await sql<ServedPlace & { readonly artifact: Artifact }>`
    select w.prompt, w.label, v.artifact
    from unnest(${places.map(({ prompt }) => prompt)}::text[], ${places.map(({ label }) => label)}::text[]) as w (prompt, label)
    join sluice.pointers p on p.label = w.label and p.prompt = w.prompt and p.model = '' and p.tenant = ''
    join sluice.versions v on v.id = p.active_version`.execute(db);
  return new Map(rows.map((row) => [placeKey(row), row.artifact]));
}

export function placeKey({ prompt, label }: ServedPlace): string {
  return `${label} ${prompt}`;
}

import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Whose calls: of any version of a prompt under a label, and where they are named of a model and a tenant alone. */
export interface SpendingPlace {
  readonly prompt: string;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
}

/** What calls have cost since a moment, in US dollars, by what they have recorded as `cost_usd`; for each place in its order. */
export async function costsSince(
  db: Database,
  places: readonly SpendingPlace[],
  since: Date,
): Promise<number[]> {
  if (places.length === 0) return [];
  const texts = (of: (place: SpendingPlace) => string) => sql`${places.map((place) => of(place))}::text[]`;
  const { rows } = await sql<{ at: number; usd: number }>`
    select w.at::integer as at, coalesce(sum(u.n * u.mean), 0)::float8 as usd
    from unnest(${texts((one) => one.prompt)}, ${texts((one) => one.label)}, ${texts((one) => one.model)},
        ${texts((one) => one.tenant)}) with ordinality w (prompt, label, model, tenant, at)
    join sluice.versions v on v.prompt = w.prompt
    join sluice.usage u on u.version_id = v.id and u.hour >= ${since} and u.metric = 'cost_usd' and u.label = w.label
      and (w.model = '' or u.model = w.model) and (w.tenant = '' or u.tenant = w.tenant)
    group by w.at`.execute(db);
  return places.map((_, index) => rows.find(({ at }) => at === index + 1)?.usd ?? 0);
}

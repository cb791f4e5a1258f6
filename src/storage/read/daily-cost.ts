import { type RawBuilder, sql } from "kysely";
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
  const { rows } = await sql<{ usd: number }>`
    select sluice.spent_since(prompt, label, model, tenant, ${since}) as usd
    from ${numbered(places)}
    order by w.at`.execute(db);
  return rows.map(({ usd }) => usd);
}

/** The places as rows `w`, each with its number `at`, from 1 on. */
function numbered(places: readonly SpendingPlace[]): RawBuilder<unknown> {
  const texts = (of: (place: SpendingPlace) => string) => sql`${places.map((place) => of(place))}::text[]`;
  return sql`unnest(${texts((one) => one.prompt)}, ${texts((one) => one.label)}, ${texts((one) => one.model)},
    ${texts((one) => one.tenant)}) with ordinality w (prompt, label, model, tenant, at)`;
}

/** What calls of the last day say of a budget: what those of its dearest hour cost, and how many count nothing. */
export interface CountedCalls {
  /** In US dollars an hour; 0: no hour had any cost. */
  readonly dearestHourUsd: number;
  /** Answered, by their tokens, and without a cost. */
  readonly uncounted: number;
}

/** For each place in its order. */
export async function countedCalls(
  db: Database,
  places: readonly SpendingPlace[],
  since: Date,
): Promise<CountedCalls[]> {
  if (places.length === 0) return [];
  const { rows } = await sql<{ at: number; dearest: number; uncounted: number }>`
    select at::integer as at, max(usd) as dearest, sum(greatest(0, answered - counted))::float8 as uncounted
    from (
      select w.at, u.hour, coalesce(sum(u.n * u.mean) filter (where u.metric = 'cost_usd'), 0)::float8 as usd,
        coalesce(sum(u.n) filter (where u.metric = 'cost_usd'), 0) as counted,
        coalesce(sum(u.n) filter (where u.metric = 'output_tokens'), 0) as answered
      from ${numbered(places)}
      join sluice.versions v on v.prompt = w.prompt
      join sluice.usage u on u.version_id = v.id and u.hour >= ${since} and u.metric in ('cost_usd', 'output_tokens')
        and u.label = w.label and (w.model = '' or u.model = w.model) and (w.tenant = '' or u.tenant = w.tenant)
      group by w.at, u.hour
    ) hours group by at`.execute(db);
  const found = new Map(rows.map((row) => [row.at, row]));
  return places.map((_, index) => {
    const { dearest = 0, uncounted = 0 } = found.get(index + 1) ?? {};
    return { dearestHourUsd: dearest, uncounted };
  });
}

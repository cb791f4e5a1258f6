import { sql } from "kysely";
import type { LivePrompt } from "../../domain/shapes/overview.ts";
import type { CountedUse } from "../../statistics/token-use.ts";
import type { Database } from "../database.ts";

type Served = Pick<LivePrompt, "prompt" | "label" | "model" | "tenant">;

/** What a scope serves and what it served before, as they were used under its label in the last 7 days. */
export interface UseOfTwo extends Served {
  /** When the newest hour with a call of the present version begins. */
  readonly since: string;
  readonly now: CountedUse;
  readonly before: CountedUse;
}

interface Row {
  readonly at: number;
  readonly is_now: boolean;
  readonly number: number;
  readonly metric: string;
  readonly n: number;
  readonly mean: number;
  readonly sd: number | null;
  readonly newest: Date;
}

/** Metrics of which it matters whether more tokens are worth it. */
const TOLD = "(^|_)(tokens|ratings?|stars|csat|nps)$|^cost(_usd)?$";

/** Of those scopes whose version has one before it. */
export async function usesOfTwo(db: Database, scopes: readonly Served[]): Promise<UseOfTwo[]> {
  if (scopes.length === 0) return [];
  const column = (of: (scope: Served) => string) => sql`${scopes.map((scope) => of(scope))}::text[]`;
  const { rows } = await sql<Row>`
    with asked as (
      select * from unnest(${column((one) => one.prompt)}, ${column((one) => one.label)},
        ${column((one) => one.model ?? "")}, ${column((one) => one.tenant ?? "")})
        with ordinality w (prompt, label, model, tenant, at)
    ), versions as (
      select w.at, w.label, v.id, v.number, v.id = l.active_version as is_now
      from asked w join sluice.pointers l using (prompt, label, model, tenant)
      join sluice.versions v on v.id in (l.active_version, l.previous_version)
      where l.previous_version is not null and l.previous_version <> l.active_version
    ), hours as (
      select s.at, s.is_now, s.number, u.metric, u.n, u.mean, u.m2, u.hour,
        sum(u.n * u.mean) over metrics / nullif(sum(u.n) over metrics, 0) as middle
      from versions s join sluice.usage u on u.version_id = s.id and u.label = s.label
      where u.hour > now() - interval '7 days' and (u.metric = '' or u.metric ~* ${TOLD})
      window metrics as (partition by s.at, s.is_now, u.metric)
    )
    select at::integer as at, is_now, number, metric, sum(n)::float8 as n, coalesce(min(middle), 0) as mean,
      case when sum(n) > 1
        then sqrt(greatest(0, sum(m2 + n * (mean - middle) ^ 2)) / (sum(n) - 1)) end as sd,
      max(hour) as newest
    from hours group by at, is_now, number, metric`.execute(db);
  return scopes.flatMap((scope, index) => {
    const own = rows.filter(({ at }) => at === index + 1);
    const now = useOf(own.filter(({ is_now }) => is_now));
    const before = useOf(own.filter(({ is_now }) => !is_now));
    const since = own.find(({ is_now }) => is_now)?.newest.toISOString();
    return now && before && since !== undefined ? [{ ...scope, now, before, since }] : [];
  });
}

function useOf(rows: readonly Row[]): CountedUse | undefined {
  const all = rows.find(({ metric }) => metric === "");
  return (
    all && { version: all.number, executions: all.n, metrics: rows.filter(({ metric }) => metric !== "") }
  );
}

import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { LivePrompt, UsageSum } from "../../domain/shapes/overview.ts";
import type { Database } from "../database.ts";
import { promptSeenBy, seenBy } from "./seen-by.ts";

export interface LiveQuery {
  readonly seen: Grants;
  readonly label?: string | undefined;
  readonly limit: number;
}

/** As policies know ratings and errors by their names. */
export const RATING = "^(.*_)?(ratings?|stars|thumbs(_up|_down)?|csat|nps)$";
const ERRORS = "^errors?$";

interface Row {
  readonly prompt: string;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
  readonly version: string;
  readonly more_scopes: number;
  readonly all: number;
  readonly since: Date | null;
  readonly by: string | null;
}

/** What labels serve, those that were called most in the last 24 hours first; and how many there are in all. */
export async function livePrompts(
  db: Database,
  { seen, label, limit }: LiveQuery,
): Promise<{ readonly live: LivePrompt[]; readonly all: number }> {
  const { rows } = await sql<Row>`
    with calls as (
      select u.version_id as id, u.label, sum(u.n) as n from sluice.usage u
      where u.metric = '' and u.hour > now() - interval '24 hours' group by u.version_id, u.label
    ), scopes as (
      -- What all users get goes before what some have of their own.
      select l.*, count(*) over same - 1 as more_scopes, row_number() over (same order by l.tenant, l.model) as place
      from sluice.pointers l
      where l.prompt <> '' and l.active_version is not null and ${promptSeenBy(seen, "l.prompt")} and ${seenBy(seen, "l")}
        ${label === undefined ? sql`` : sql`and l.label = ${label}`}
      window same as (partition by l.prompt, l.label)
    ), counted as (
      select s.*, count(*) over () as all, coalesce(a.n, 0) + coalesce(p.n, 0) + coalesce(c.n, 0) as calls
      from scopes s
      left join calls a on a.id = s.active_version and a.label = s.label
      left join calls p on p.id = s.previous_version and p.label = s.label
        and s.previous_version is distinct from s.active_version
      left join calls c on c.id = s.candidate_version and c.label = s.label
        and s.candidate_version is distinct from s.active_version
        and s.candidate_version is distinct from s.previous_version
      where s.place = 1
    )
    select c.prompt, c.label, c.model, c.tenant, v.prompt || '@' || v.number as version,
      c.more_scopes::integer as more_scopes, c.all::integer as all, a.at as since, a.by
    from (select * from counted order by calls desc, prompt, label limit ${limit}) c
    join sluice.versions v on v.id = c.active_version
    left join lateral (${cameToServe("c")}) a on true
    order by c.calls desc, c.prompt, c.label`.execute(db);
  const usage = await usageOf(db, rows);
  return {
    all: rows[0]?.all ?? 0,
    live: rows.map(({ prompt, label: under, model, tenant, version, more_scopes, since, by }) => ({
      prompt,
      label: under,
      model: model || null,
      tenant: tenant || null,
      version,
      moreScopes: more_scopes,
      since: since?.toISOString() ?? null,
      by,
      ...usage(prompt, under),
    })),
  };
}

/** When a pointer came to serve what it serves, and by whom: the newest entry of the audit log that made it so. */
export function cameToServe(pointer: string) {
  const of = (column: string) => sql.ref(`${pointer}.${column}`);
  return sql`
    select a.at, coalesce(a.principal ->> 'name', a.asserted_actor, a.actor) as by from sluice.audit a
    where a.prompt = ${of("prompt")} and a.label = ${of("label")} and a.model = ${of("model")}
      and a.tenant = ${of("tenant")} and a.revision is not null and a.to_version = ${of("active_version")}
      and a.action in ('pointer_set', 'promoted', 'rolled_back')
    order by a.revision desc limit 1`;
}

interface Bucket {
  readonly prompt: string;
  readonly label: string;
  /** 0: the last 24 hours, 6: those a week ago. */
  readonly ago: number;
  readonly calls: number;
  readonly rating: number | null;
  readonly errors: number | null;
}

/** A week in days of 24 hours that end now. */
async function usageOf(db: Database, rows: readonly Pick<Row, "prompt" | "label">[]) {
  const { rows: buckets } = await sql<Bucket>`
    with days as (
      select w.prompt, w.label, u.metric, u.n, u.mean,
        floor(extract(epoch from now() - u.hour) / 86400)::integer as ago
      from unnest(${rows.map(({ prompt }) => prompt)}::text[], ${rows.map(({ label }) => label)}::text[]) w (prompt, label)
      cross join lateral (
        select distinct unnest(array[l.active_version, l.previous_version, l.candidate_version]) as id
        from sluice.pointers l where l.prompt = w.prompt and l.label = w.label) v
      join sluice.usage u on u.version_id = v.id and u.label = w.label
      where u.hour > now() - interval '7 days' and (u.metric = '' or u.metric ~* ${RATING} or u.metric ~* ${ERRORS})
    )
    select prompt, label, ago,
      coalesce(sum(n) filter (where metric = ''), 0)::float8 as calls,
      sum(n * mean) filter (where metric ~* ${RATING})
        / nullif(sum(n) filter (where metric ~* ${RATING}), 0) as rating,
      sum(n * mean) filter (where metric ~* ${ERRORS})
        / nullif(sum(n) filter (where metric = ''), 0) as errors
    from days group by prompt, label, ago`.execute(db);
  const now = Date.now();
  return (prompt: string, label: string): Pick<LivePrompt, "day" | "week"> => {
    const own = new Map(
      buckets.filter((one) => one.prompt === prompt && one.label === label).map((one) => [one.ago, one]),
    );
    const sumOf = (ago: number): UsageSum => {
      const { calls = 0, rating = null, errors = null } = own.get(ago) ?? {};
      return { calls, rating, errors };
    };
    const week = Array.from({ length: DAYS }, (_, index) => {
      const ago = DAYS - 1 - index;
      return { ...sumOf(ago), from: new Date(now - (ago + 1) * DAY_MS).toISOString() };
    });
    return { day: sumOf(0), week };
  };
}

const DAY_MS = 86_400_000;
const DAYS = 7;

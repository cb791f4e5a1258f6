import { type RawBuilder, sql } from "kysely";
import { allowsPrompt, type Grants } from "../../domain/access/grants.ts";
import { MAX_VERSION } from "../../domain/names.ts";
import { type VersionStatus, versionStatus } from "../../domain/prompt/version-status.ts";
import type { Database } from "../database.ts";
import { seenBy } from "./seen-by.ts";
import type { ListedVersion, StaleInclude } from "../../domain/shapes/versions.ts";

interface Row {
  readonly id: string;
  readonly prompt: string;
  readonly number: number;
  readonly semver: string;
  readonly sha256: string;
  readonly author: string;
  readonly message: string;
  readonly model: string;
  readonly description: string;
  readonly tags: string[];
  readonly token_count: number;
  readonly stale: StaleInclude[] | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly created_at: Date;
  readonly archived: boolean;
  readonly live: string[] | null;
  readonly rolling_out: boolean;
  readonly ended: boolean;
  readonly served: boolean;
  readonly evaluation: {
    verdict: "pass" | "fail" | "insufficient";
    reason: string | null;
    at: string;
    by: "gate" | "eval";
  } | null;
  readonly rollout: { rolloutId: string; outcome: string | null; phase: string } | null;
}

/**
 * Whether a version was ever served: the next one that was, by the index. Asked for an equal one, Postgres may go
 * through the whole log for each version where most of its entries are of a few.
 */
const served = (id: string) => sql<boolean>`coalesce(${sql.ref(id)} = (select a.to_version from sluice.audit a
  where a.to_version >= ${sql.ref(id)} and a.action in ('pointer_set', 'promoted', 'rolled_back')
  order by a.to_version limit 1), false)`;

/** What a version includes of which there is a newer version. */
const stale = sql<StaleInclude[] | null>`(
  select json_agg(json_build_object('prompt', i.prompt, 'version', i.number, 'newest', n.number) order by i.prompt collate "C", i.number)
  from jsonb_to_recordset(v.artifact -> 'includes') as i (prompt text, number integer)
  cross join lateral (
    select number from sluice.versions where prompt = i.prompt order by number desc limit 1) n
  where n.number > i.number)`;

/** A prompt's versions, or the newest version of each prompt, or of these; oldest first, by name. */
export async function listVersions(
  db: Database,
  which:
    | "newest"
    | { readonly newestOf: readonly string[] }
    | {
        readonly prompt: string;
        readonly number?: number | undefined;
        readonly ids?: readonly string[];
        /** So many of the newest, after leaving out so many of them, or of those before a number. */
        readonly page?: VersionPage;
      },
  seen: Grants = {},
): Promise<ListedVersion[]> {
  // By the key, one look a prompt, however many versions each has.
  const newestOf = (prompts: RawBuilder<unknown>) => sql`v.id in (
    select n.id from ${prompts} cross join lateral (
      select id from sluice.versions where prompt = p.name order by number desc limit 1) n)`;
  const filter =
    which === "newest"
      ? newestOf(sql`sluice.prompts p`)
      : "newestOf" in which
        ? newestOf(sql`unnest(${which.newestOf}::text[]) p (name)`)
        : sql`v.prompt = ${which.prompt}
          ${which.number === undefined ? sql`` : sql`and v.number = ${which.number}`}
          ${which.ids === undefined ? sql`` : sql`and v.id = any (${which.ids}::uuid[])`}
          ${which.page === undefined ? sql`` : pageOf(which.prompt, which.page, seen)}`;
  const { rows } = await sql<Row>`
    select v.id, v.prompt, v.number, v.semver, v.sha256, v.author, v.message, v.model, v.description, v.tags,
      v.token_count, ${stale} as stale, v.metadata, v.created_at, p.archived_at is not null as archived,
      (select array_agg(concat_ws(' ', l.label, nullif('model=' || l.model, 'model='),
                                  nullif('tenant=' || l.tenant, 'tenant='),
                                  case when l.prompt = '' then '(any prompt)' end) order by l.label, l.model, l.tenant)
       from sluice.pointers l where l.active_version = v.id and ${seenBy(seen, "l")}) as live,
      exists (select 1 from sluice.rollouts r where r.candidate_version = v.id and r.outcome is null) as rolling_out,
      exists (select 1 from sluice.rollouts r where r.candidate_version = v.id and r.outcome is not null) as ended,
      ${served("v.id")} as served,
      (select json_build_object('verdict', e.verdict, 'reason', e.reason, 'at', e.ended_at,
                                'by', case when e.rollout_id is null then 'eval' else 'gate' end)
       from sluice.evaluations e where e.candidate_version = v.id and e.verdict is not null
       order by e.ended_at desc limit 1) as evaluation,
      (select json_build_object('rolloutId', r.id, 'outcome', r.outcome, 'phase', r.phase)
       from sluice.rollouts r where r.candidate_version = v.id and ${seenBy(seen, "r")}
       order by r.started_at desc limit 1) as rollout
    from sluice.versions v join sluice.prompts p on p.name = v.prompt
    where ${filter} order by v.prompt, v.number`.execute(db);
  return rows.map((row) => ({
    prompt: row.prompt,
    version: row.number,
    semver: row.semver,
    versionId: row.id,
    sha256: row.sha256,
    status: versionStatus({
      active: row.live !== null,
      rollingOut: row.rolling_out,
      past: row.ended || row.served,
      archived: row.archived,
    }),
    live: row.live ?? [],
    wasLive: row.live !== null || row.served,
    author: row.author,
    message: row.message,
    model: row.model,
    description: row.description,
    tags: row.tags,
    tokens: row.token_count,
    staleIncludes: (row.stale ?? []).filter(({ prompt }) => allowsPrompt(seen, prompt)),
    metadata: row.metadata,
    createdAt: row.created_at.toISOString(),
    tested: row.evaluation && { ...row.evaluation, at: new Date(row.evaluation.at).toISOString() },
    rollout: row.rollout,
  }));
}

export interface VersionPage {
  readonly limit: number;
  readonly skip?: number;
  readonly before?: number | undefined;
  readonly status?: VersionStatus | undefined;
  readonly author?: string | undefined;
}

/** The numbers of a page, found before anything else is asked of a version: a prompt may have ten thousand. */
function pageOf(prompt: string, page: VersionPage, seen: Grants) {
  const { limit, skip = 0, before = MAX_VERSION + 1, status, author } = page;
  return sql`and v.number in (
    select n.number from sluice.versions n join sluice.prompts o on o.name = n.prompt
    where n.prompt = ${prompt} and n.number < ${before}::bigint
      ${author === undefined ? sql`` : sql`and n.author = ${author}`}
      ${status === undefined ? sql`` : sql`and ${isOfStatus(status, prompt, seen)}`}
    order by n.number desc limit ${limit} offset ${skip})`;
}

/** As {@link versionStatus} says of the version `n`, whose prompt is `o`. */
function isOfStatus(status: VersionStatus, prompt: string, seen: Grants): RawBuilder<boolean> {
  const rolledOut = (outcome: RawBuilder<unknown>) =>
    sql<boolean>`n.id in (select r.candidate_version from sluice.rollouts r where r.prompt = ${prompt} and ${outcome})`;
  const live = sql<boolean>`n.id in (select l.active_version from sluice.pointers l
    where l.active_version is not null and ${seenBy(seen, "l")})`;
  const testing = rolledOut(sql`r.outcome is null`);
  const past = sql<boolean>`(${rolledOut(sql`r.outcome is not null`)} or ${served("n.id")})`;
  const away = sql<boolean>`o.archived_at is not null`;
  const neither = sql<boolean>`not ${live} and not ${testing}`;
  switch (status) {
    case "live":
      return live;
    case "testing":
      return sql`not ${live} and ${testing}`;
    case "archived":
      return sql`${neither} and ${away}`;
    case "retired":
      return sql`${neither} and not ${away} and ${past}`;
    case "draft":
      return sql`${neither} and not ${away} and not ${past}`;
  }
}

export async function countVersions(db: Database, prompt: string): Promise<number> {
  const { count } = await db
    .selectFrom("versions")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("prompt", "=", prompt)
    .executeTakeFirstOrThrow();
  return count;
}

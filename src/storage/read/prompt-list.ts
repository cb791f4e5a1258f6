import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { Database } from "../database.ts";
import { promptSeenBy, seenBy } from "./seen-by.ts";
import { listVersions } from "./version-list.ts";
import { filterPrompts } from "../../domain/prompt/filter-prompts.ts";
import type { FoundPrompts, ListedPrompt, PromptFilter, PromptLine } from "../../domain/shapes/prompts.ts";

/** The prompts that pass the filter. */
export async function listPrompts(db: Database, filter: PromptFilter): Promise<FoundPrompts> {
  return filterPrompts(await promptsNamed(db), filter);
}

export interface PromptPage {
  /** What a key may know of: the rest is as if it were not there. */
  readonly seen: Grants;
  /** How the names begin. */
  readonly prefix?: string | undefined;
  /** In the name, the description or a tag, in any case. */
  readonly text?: string | undefined;
  readonly tag?: string | undefined;
  /** A label that serves a version of it. */
  readonly liveFor?: string | undefined;
  /** Those that were put away, in place of the others. */
  readonly archived?: boolean | undefined;
  readonly limit: number;
  /** The last name of the page before. */
  readonly after?: string | undefined;
}

/** Prompts by name, so many of them: what a page costs does not grow with how many there are. */
export async function pageOfPrompts(db: Database, page: PromptPage): Promise<PromptLine[]> {
  const { seen, prefix = "", text = "", tag, liveFor, archived = false, limit, after = "" } = page;
  const needle = text.toLowerCase();
  const { rows } = await sql<{ name: string }>`
    select p.name from sluice.prompts p
    where (p.archived_at is not null) = ${archived} and p.name collate "C" > ${after} and starts_with(p.name, ${prefix})
      and ${promptSeenBy(seen, "p.name")}
      ${
        needle === ""
          ? sql``
          : sql`and (position(${needle} in p.name) > 0 or position(${needle} in lower(p.description)) > 0
              or exists (select from unnest(p.tags) t where position(${needle} in lower(t)) > 0))`
      }
      ${tag === undefined ? sql`` : sql`and ${tag} = any (p.tags)`}
      ${
        liveFor === undefined
          ? sql``
          : sql`and exists (
              select from sluice.pointers l join sluice.versions v on v.id = l.active_version
              where v.prompt = p.name and l.label = ${liveFor} and ${seenBy(seen, "l")})`
      }
    order by p.name collate "C" limit ${limit}`.execute(db);
  const names = rows.map(({ name }) => name);
  const found = new Map((await promptsNamed(db, names, seen)).map((prompt) => [prompt.prompt, prompt]));
  const calls = await callsOf(db, names, seen);
  return names.map((name) => ({ ...found.get(name)!, calls: calls.get(name) ?? 0 }));
}

/** By prompt, of the last 7 days. */
async function callsOf(db: Database, names: readonly string[], seen: Grants): Promise<Map<string, number>> {
  const { rows } = await sql<{ prompt: string; calls: number }>`
    select v.prompt, sum(u.n)::float8 as calls
    from sluice.versions v join sluice.usage u on u.version_id = v.id
    where v.prompt = any (${names}::text[]) and u.metric = '' and u.hour > now() - interval '7 days'
      and ${seenBy(seen, "u")}
    group by v.prompt`.execute(db);
  return new Map(rows.map(({ prompt, calls }) => [prompt, calls]));
}

/** One of them; undefined where there is none. */
export async function onePrompt(db: Database, name: string, seen: Grants): Promise<ListedPrompt | undefined> {
  return (await promptsNamed(db, [name], seen))[0];
}

/** All of them, or those of these names. */
async function promptsNamed(
  db: Database,
  names?: readonly string[],
  seen: Grants = {},
): Promise<ListedPrompt[]> {
  const newestOnes = await listVersions(db, names === undefined ? "newest" : { newestOf: names }, seen);
  const newest = new Map(newestOnes.map((version) => [version.prompt, version]));
  const { rows } = await sql<{
    name: string;
    description: string;
    tags: string[];
    archived: boolean;
    policySha256: string | null;
    live: ListedPrompt["live"] | null;
  }>`
    select p.name, p.description, p.tags, p.archived_at is not null as archived, p.policy_sha256 as "policySha256",
      (select json_agg(json_build_object(
          'scope', concat_ws(' ', l.label, nullif('model=' || l.model, 'model='), nullif('tenant=' || l.tenant, 'tenant=')),
          'version', v.prompt || '@' || v.number,
          'candidate', case when c.id is not null then c.prompt || '@' || c.number end) order by l.label, l.model, l.tenant)
       from sluice.pointers l
       join sluice.versions v on v.id = l.active_version
       left join sluice.versions c on c.id = l.candidate_version
       where v.prompt = p.name and ${seenBy(seen, "l")}) as live
    from sluice.prompts p
    where ${names === undefined ? sql`true` : sql`p.name = any (${names}::text[])`} order by p.name`.execute(
    db,
  );
  return rows.map(({ name, live, ...row }) => ({
    prompt: name,
    ...row,
    newest: newest.get(name) ?? null,
    live: live ?? [],
  }));
}

export async function promptExists(db: Database, name: string): Promise<boolean> {
  return (
    (await db.selectFrom("prompts").select("name").where("name", "=", name).executeTakeFirst()) !== undefined
  );
}

/** Every prompt's name, for completion. */
export async function promptNames(db: Database): Promise<string[]> {
  const rows = await db.selectFrom("prompts").select("name").orderBy("name").execute();
  return rows.map(({ name }) => name);
}

/** `support-reply@2` of every version of a prompt, newest first, for completion. */
export async function versionNames(db: Database, prompt: string): Promise<string[]> {
  const rows = await db
    .selectFrom("versions")
    .select("number")
    .where("prompt", "=", prompt)
    .orderBy("number", "desc")
    .limit(50)
    .execute();
  return rows.map(({ number }) => `${prompt}@${number}`);
}

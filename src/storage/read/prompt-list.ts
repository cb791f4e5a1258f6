import { sql } from "kysely";
import type { Database } from "../database.ts";
import { listVersions, type ListedVersion } from "./version-list.ts";

/** A prompt, with its newest version and what each scope serves of it. */
export interface ListedPrompt {
  readonly prompt: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly archived: boolean;
  readonly newest: ListedVersion | null;
  /** `support-reply@2` by scope, for the scopes that serve a version of it. */
  readonly live: readonly {
    readonly scope: string;
    readonly version: string;
    readonly candidate: string | null;
  }[];
}

/** What narrows a list down; everything that is given must hold. */
export interface PromptFilter {
  /** In the name or the description, in any case. */
  readonly text?: string | undefined;
  readonly tags?: readonly string[];
  /** Of the newest version. */
  readonly status?: string | undefined;
  /** A label that serves a version of it. */
  readonly liveFor?: string | undefined;
  /** Of the newest version, with or without its provider. */
  readonly model?: string | undefined;
  readonly archived: boolean;
}

/** The prompts that pass the filter, and how many more there are that only `archived` keeps out. */
export async function listPrompts(
  db: Database,
  filter: PromptFilter,
): Promise<{ readonly prompts: ListedPrompt[]; readonly archived: number }> {
  const found = (await everyPrompt(db)).filter((prompt) => passes(prompt, filter));
  const prompts = found.filter(({ archived }) => archived === filter.archived);
  return { prompts, archived: filter.archived ? 0 : found.length - prompts.length };
}

function passes(
  prompt: ListedPrompt,
  { text = "", tags = [], status, liveFor, model }: PromptFilter,
): boolean {
  const { newest, live } = prompt;
  const asked = text.toLowerCase();
  return (
    (prompt.prompt.includes(asked) || prompt.description.toLowerCase().includes(asked)) &&
    tags.every((tag) => prompt.tags.includes(tag)) &&
    (status === undefined || newest?.status === status) &&
    (liveFor === undefined || live.some(({ scope }) => scope.split(" ", 1)[0] === liveFor)) &&
    (model === undefined || newest?.model === model || newest?.model.split("/").slice(1).join("/") === model)
  );
}

async function everyPrompt(db: Database): Promise<ListedPrompt[]> {
  const newest = new Map((await listVersions(db, "newest")).map((version) => [version.prompt, version]));
  const { rows } = await sql<{
    name: string;
    description: string;
    tags: string[];
    archived: boolean;
    live: ListedPrompt["live"] | null;
  }>`
    select p.name, p.description, p.tags, p.archived_at is not null as archived,
      (select json_agg(json_build_object(
          'scope', concat_ws(' ', l.label, nullif('model=' || l.model, 'model='), nullif('tenant=' || l.tenant, 'tenant=')),
          'version', v.prompt || '@' || v.number,
          'candidate', case when c.id is not null then c.prompt || '@' || c.number end) order by l.label, l.model, l.tenant)
       from sluice.pointers l
       join sluice.versions v on v.id = l.active_version
       left join sluice.versions c on c.id = l.candidate_version
       where v.prompt = p.name) as live
    from sluice.prompts p order by p.name`.execute(db);
  return rows.map(({ name, live, ...row }) => ({
    prompt: name,
    ...row,
    newest: newest.get(name) ?? null,
    live: live ?? [],
  }));
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

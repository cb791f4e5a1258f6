import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { Database } from "../database.ts";
import { promptSeenBy, seenBy } from "./seen-by.ts";

/** What a version is beside its content: who made it, and which labels serve it to everybody. */
export interface VersionHead {
  readonly author: string;
  readonly message: string;
  readonly tags: readonly string[];
  readonly createdAt: Date;
  readonly isNewest: boolean;
  /** Labels whose own pointer of the prompt, for no model and no tenant, has it active. */
  readonly labels: readonly string[];
}

const labelsServing = (versions: ReturnType<typeof sql>, prompt: ReturnType<typeof sql>, seen: Grants) =>
  sql`array(select l.label from sluice.pointers l where l.prompt = ${prompt} and l.model = '' and l.tenant = ''
    and l.active_version in ${versions} and ${seenBy(seen, "l")} order by l.label)`;

export async function versionHead(
  db: Database,
  id: string,
  seen: Grants = {},
): Promise<VersionHead | undefined> {
  const { rows } = await sql<VersionHead>`
    select v.author, v.message, v.tags, v.created_at as "createdAt",
      not exists (select from sluice.versions n where n.prompt = v.prompt and n.number > v.number) as "isNewest",
      ${labelsServing(sql`(v.id)`, sql`v.prompt`, seen)} as labels
    from sluice.versions v where v.id = ${id}`.execute(db);
  return rows[0];
}

/** A prompt with all its versions' numbers. */
export interface PromptHead {
  readonly name: string;
  readonly tags: readonly string[];
  readonly versions: readonly number[];
  readonly labels: readonly string[];
  readonly newestAt: Date;
  readonly newestArtifact: Artifact;
}

export interface PromptHeadsPage {
  /** What a key may know of: the rest is as if it were not there. */
  readonly seen: Grants;
  readonly name?: string | undefined;
  readonly tag?: string | undefined;
  /** A label that serves a version of it to everybody. */
  readonly label?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Prompts that are not archived and have a version, by name, and how many there are in all. */
export async function promptHeads(
  db: Database,
  { seen, name, tag, label, limit, offset }: PromptHeadsPage,
): Promise<{ readonly heads: readonly PromptHead[]; readonly total: number }> {
  const ofPrompt = sql`(select v.id from sluice.versions v where v.prompt = p.name)`;
  const { rows } = await sql<Omit<PromptHead, "name"> & { name: string | null; total: string }>`
    with found as (
      select p.name, p.tags, ${labelsServing(ofPrompt, sql`p.name`, seen)} as labels
      from sluice.prompts p
      where p.archived_at is null and ${promptSeenBy(seen, "p.name")}
        and exists (select from sluice.versions v where v.prompt = p.name)
        ${name === undefined ? sql`` : sql`and p.name = ${name}`}
        ${tag === undefined ? sql`` : sql`and ${tag} = any (p.tags)`}
    ), chosen as (
      select * from found ${label === undefined ? sql`` : sql`where ${label} = any (labels)`}
    ), page as (
      select c.*, n.created_at as "newestAt", n.artifact as "newestArtifact",
        array(select v.number from sluice.versions v where v.prompt = c.name order by v.number) as versions
      from (select * from chosen order by name collate "C" limit ${limit} offset ${offset}) c
      cross join lateral (
        select v.created_at, v.artifact from sluice.versions v where v.prompt = c.name
        order by v.number desc limit 1
      ) n
    )
    select page.*, counted.total from (select count(*) as total from chosen) counted
    left join page on true order by page.name collate "C"`.execute(db);
  const heads = rows.flatMap(({ name: found, total: _, ...head }) =>
    found === null ? [] : [{ ...head, name: found }],
  );
  return { heads, total: Number(rows[0]?.total ?? 0) };
}

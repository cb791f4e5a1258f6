import { type Selectable, sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import { DRAFT_DAYS } from "../../domain/draft-lifetime.ts";
import { notFound } from "../../domain/errors.ts";
import type { DraftRevision, ListedDraft, WholeDraft } from "../../domain/shapes/drafts.ts";
import type { Database } from "../database.ts";
import type { Tables } from "../tables.ts";
import { promptSeenBy } from "./seen-by.ts";

const LISTED = [
  "id",
  "prompt",
  "base_version",
  "account",
  "owner",
  "revision",
  "created_at",
  "updated_at",
] as const;
type ListedRow = Pick<Selectable<Tables["drafts"]>, (typeof LISTED)[number]>;

const DAY_MS = 86_400_000;

export interface DraftsQuery {
  readonly prompt?: string | undefined;
  /** Only those of this account. */
  readonly of?: string | undefined;
  readonly seen: Grants;
  readonly limit: number;
  /** Only those behind this one. */
  readonly after?: string | undefined;
}

/** Drafts that a key with these grants may know of, those that were last worked on first. `asking` says whose are whose. */
export async function listDrafts(
  db: Database,
  { prompt, of, seen, limit, after }: DraftsQuery,
  asking: string,
): Promise<ListedDraft[]> {
  let query = db.selectFrom("drafts as d").select(LISTED).where(promptSeenBy(seen, "d.prompt"));
  if (prompt !== undefined) query = query.where("prompt", "=", prompt);
  if (of !== undefined) query = query.where("account", "=", of);
  if (after !== undefined)
    query = query.where(
      sql<boolean>`(d.updated_at, d.id) < (select updated_at, id from sluice.drafts where id = ${after})`,
    );
  const rows = await query.orderBy("updated_at", "desc").orderBy("id", "desc").limit(limit).execute();
  return rows.map((row) => listed(row, asking));
}

/** A draft of a version that is not the newest any more. */
export interface DraftBehind {
  readonly draftId: string;
  readonly prompt: string;
  readonly base: number;
  readonly newest: number;
  /** Of the newest version. */
  readonly author: string;
  readonly since: Date;
}

/** An account's drafts whose prompt has a newer version than they are from, those that were last worked on first. */
export async function draftsBehind(
  db: Database,
  { seen, account, limit }: { readonly seen: Grants; readonly account: string; readonly limit: number },
): Promise<DraftBehind[]> {
  const { rows } = await sql<DraftBehind>`
    select d.id as "draftId", d.prompt, d.base_version as base, v.number as newest, v.author, v.created_at as since
    from sluice.drafts d
    cross join lateral (
      select number, author, created_at from sluice.versions where prompt = d.prompt order by number desc limit 1) v
    where d.account = ${account} and d.base_version < v.number and ${promptSeenBy(seen, "d.prompt")}
    order by d.updated_at desc limit ${limit}`.execute(db);
  return rows;
}

/** One draft, whole; `not_found` where there is none, or none any more. */
export async function requireDraft(db: Database, id: string, asking: string): Promise<WholeDraft> {
  const row = await db
    .selectFrom("drafts")
    .select([...LISTED, "document", "sample_values"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (!row) throw noSuchDraft(id);
  return { ...listed(row, asking), file: row.document, values: row.sample_values };
}

/** Of which prompt a draft is, or undefined where there is none. */
export async function promptOfDraft(db: Database, id: string): Promise<string | undefined> {
  const row = await db.selectFrom("drafts").select("prompt").where("id", "=", id).executeTakeFirst();
  return row?.prompt;
}

/** How a draft was, the newest first. */
export async function listDraftRevisions(db: Database, id: string): Promise<DraftRevision[]> {
  const rows = await db
    .selectFrom("draft_revisions")
    .select(["revision", "base_version", "at"])
    .where("draft", "=", id)
    .orderBy("revision", "desc")
    .execute();
  return rows.map(({ revision, base_version, at }) => ({
    revision,
    base: base_version,
    at: at.toISOString(),
  }));
}

/** What a draft said at one of the revisions that are kept of it. */
export async function requireDraftRevision(
  db: Database,
  id: string,
  revision: number,
): Promise<DraftRevision & Pick<WholeDraft, "file">> {
  const row = await db
    .selectFrom("draft_revisions")
    .select(["revision", "base_version", "document", "at"])
    .where("draft", "=", id)
    .where("revision", "=", revision)
    .executeTakeFirst();
  if (!row)
    throw notFound(`revision ${revision} of the draft is not kept; ask for the list of those that are`, {
      draftId: id,
      revision,
    });
  return { revision, base: row.base_version, at: row.at.toISOString(), file: row.document };
}

export function noSuchDraft(id: string) {
  return notFound("there is no such draft: it was discarded, or was not touched for too long", {
    draftId: id,
  });
}

function listed(row: ListedRow, asking: string): ListedDraft {
  return {
    draftId: row.id,
    prompt: row.prompt,
    base: row.base_version,
    owner: row.owner,
    mine: row.account === asking,
    revision: row.revision,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    keptUntil: new Date(row.updated_at.getTime() + DRAFT_DAYS * DAY_MS).toISOString(),
  };
}

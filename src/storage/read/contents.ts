import { digestText } from "../../digest.ts";
import { unavailable } from "../../domain/errors.ts";
import { contentsOf } from "../contents.ts";
import type { Database } from "../database.ts";

const AT_ONCE = 8;

/** A dataset that is kept outside of the database. */
export interface KeptContent {
  readonly sha256: string;
  /** Of the dataset. */
  readonly name: string;
  /** Where it was written. */
  readonly place: string;
  readonly bytes: number;
}

/** The text of a content. `unavailable` says what to do where it cannot be had, or is not what was written. */
export async function readContent(db: Database, { sha256, name, place }: KeptContent): Promise<string> {
  const store = contentsOf(db);
  const details = { dataset: name, sha256 };
  if (!store)
    throw unavailable(
      `the dataset ${name} is kept in ${place}, and this process is not told how to read there: set SLUICE_CONTENTS to the same as the workers have`,
      details,
    );
  const text = await store.read(sha256);
  if (text === undefined)
    throw unavailable(
      `the dataset ${name} is lost: ${store.place} has no ${sha256}; push it again, or put it back from a backup`,
      details,
    );
  if (digestText(text) !== sha256)
    throw unavailable(
      `the dataset ${name} was changed: what ${store.place} has as ${sha256} is not what was written; put it back from a backup`,
      details,
    );
  return text;
}

/** What is referred to, the newest first. */
export async function referredContents(db: Database): Promise<readonly KeptContent[]> {
  return db
    .selectFrom("contents")
    .innerJoin("documents", "documents.content_sha256", "contents.sha256")
    .select(["contents.sha256", "documents.name", "contents.place", "contents.bytes"])
    .orderBy("documents.created_at", "desc")
    .orderBy("contents.sha256")
    .execute();
}

/** Those that are not there any more, of what is referred to. Asks the store for each, a few at once. */
export async function lostContents(
  db: Database,
  contents: readonly KeptContent[],
): Promise<readonly KeptContent[]> {
  const store = contentsOf(db);
  if (!store) return [];
  const lost: KeptContent[] = [];
  for (let at = 0; at < contents.length; at += AT_ONCE) {
    const some = contents.slice(at, at + AT_ONCE);
    const there = await Promise.all(some.map(({ sha256 }) => store.has(sha256)));
    lost.push(...some.filter((_, index) => !there[index]));
  }
  return lost;
}

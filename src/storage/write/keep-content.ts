import { sql } from "kysely";
import { digestText } from "../../digest.ts";
import { contentsOf } from "../contents.ts";
import type { Database } from "../database.ts";
import { storableJson } from "../storable-json.ts";
import { transact } from "../transact.ts";

/** What has more bytes than this is kept outside of the database, where there is a place for it. */
const LARGE_BYTES = 256 << 10;

/**
 * Keeps the body of a document where large contents are kept, before the transaction that refers to it. First the row
 * that says so, so that what nobody comes to refer to is found again, then the content.
 *
 * @returns the hash that the document refers to it by; undefined where the body belongs into its row
 */
export async function keepContent(
  db: Database,
  document: { readonly sha256: string; readonly body: unknown },
): Promise<string | undefined> {
  const store = contentsOf(db);
  if (!store) return undefined;
  const text = storableJson(document.body);
  const bytes = Buffer.byteLength(text);
  if (bytes <= LARGE_BYTES) return undefined;
  const sha256 = digestText(text);
  const stored = await db
    .selectFrom("documents")
    .select("content_sha256")
    .where("sha256", "=", document.sha256)
    .executeTakeFirst();
  // What is stored stays as it is. A content that was lost comes back with whoever has it still.
  if (stored && (stored.content_sha256 !== sha256 || (await store.has(sha256))))
    return stored.content_sha256 ?? undefined;
  await db
    .insertInto("contents")
    .values({ sha256, bytes, place: store.place })
    .onConflict((conflict) =>
      conflict.column("sha256").doUpdateSet({ place: store.place, written_at: sql<Date>`clock_timestamp()` }),
    )
    .execute();
  await store.write(sha256, text);
  return sha256;
}

/**
 * Removes one content that nobody refers to and that was written before a moment: what a transaction that failed has
 * left. Whoever writes the same again meanwhile waits for it, and then writes it anew.
 *
 * @returns whether there was one
 */
export async function removeUnreferred(db: Database, before: Date): Promise<boolean> {
  const store = contentsOf(db);
  if (!store) return false;
  return transact(db, async (transaction) => {
    const { rows } = await sql<{ sha256: string }>`
      select sha256 from sluice.contents c
      where written_at < ${before} and not exists (select from sluice.documents where content_sha256 = c.sha256)
      order by written_at limit 1 for update skip locked`.execute(transaction);
    const sha256 = rows[0]?.sha256;
    if (sha256 === undefined) return false;
    await store.remove(sha256);
    await transaction.deleteFrom("contents").where("sha256", "=", sha256).execute();
    return true;
  });
}

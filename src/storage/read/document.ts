import type { Database } from "../database.ts";
import { readContent } from "./contents.ts";

/** What a rollout of this prompt follows when no policy is named; null: it has none. */
export async function promptPolicySha256(db: Database, prompt: string): Promise<string | null> {
  const row = await db
    .selectFrom("prompts")
    .select("policy_sha256")
    .where("name", "=", prompt)
    .executeTakeFirst();
  return row?.policy_sha256 ?? null;
}

/** A stored policy or dataset, wherever its body is kept; undefined where there is none. */
export async function findDocument(
  db: Database,
  sha256: string,
): Promise<
  { readonly name: string; readonly kind: "policy" | "dataset"; readonly body: unknown } | undefined
> {
  const row = await db
    .selectFrom("documents")
    .leftJoin("contents", "contents.sha256", "documents.content_sha256")
    .select(["name", "kind", "body", "content_sha256", "place", "bytes"])
    .where("documents.sha256", "=", sha256)
    .executeTakeFirst();
  if (!row) return undefined;
  const { name, kind, body, content_sha256, place, bytes } = row;
  if (content_sha256 === null) return { name, kind, body };
  const kept = { sha256: content_sha256, name, place: place!, bytes: bytes! };
  return { name, kind, body: JSON.parse(await readContent(db, kept)) };
}

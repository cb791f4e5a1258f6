import type { Database } from "../database.ts";

/** What a rollout of this prompt follows when no policy is named; null: it has none. */
export async function promptPolicySha256(db: Database, prompt: string): Promise<string | null> {
  const row = await db
    .selectFrom("prompts")
    .select("policy_sha256")
    .where("name", "=", prompt)
    .executeTakeFirst();
  return row?.policy_sha256 ?? null;
}

/** The body of a stored policy or dataset, or undefined. */
export async function findDocument(
  db: Database,
  sha256: string,
): Promise<
  { readonly name: string; readonly kind: "policy" | "dataset"; readonly body: unknown } | undefined
> {
  return db
    .selectFrom("documents")
    .select(["name", "kind", "body"])
    .where("sha256", "=", sha256)
    .executeTakeFirst();
}

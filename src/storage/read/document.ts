import type { Database } from "../database.ts";

/** The body of a stored policy or dataset, or undefined. */
export async function findDocument(
  db: Database,
  sha256: string,
): Promise<{ readonly name: string; readonly kind: "policy" | "dataset"; readonly body: unknown } | undefined> {
  return db
    .selectFrom("documents")
    .select(["name", "kind", "body"])
    .where("sha256", "=", sha256)
    .executeTakeFirst();
}

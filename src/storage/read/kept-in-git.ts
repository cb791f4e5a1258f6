import type { KeptInGit } from "../../domain/shapes/overview.ts";
import type { Database } from "../database.ts";

/** The repository whose manifest a prompt is of; undefined where Git has nothing of it. */
export async function keptInGit(db: Database, prompt: string): Promise<KeptInGit | undefined> {
  return db
    .selectFrom("manifest_prompts as p")
    .innerJoin("manifests as m", "m.repository", "p.repository")
    .select(["m.repository", "m.branch", "m.owner", "p.path"])
    .where("p.prompt", "=", prompt)
    .executeTakeFirst();
}

import { sql } from "kysely";
import { notFound } from "../../domain/errors.ts";
import type { ForgottenManifest } from "../../domain/shapes/delivering.ts";
import type { Transaction } from "../database.ts";
import { listManifests } from "../read/manifests.ts";
import { appendAudit } from "./append-audit.ts";

export interface ManifestToForget {
  readonly repository: string;
  /** These alone; all of the repository when there are none. */
  readonly prompts: readonly string[];
  readonly reason: string;
  readonly assertedActor: string | null;
}

/**
 * Takes prompts, or all of a repository, out of what manifests say: moves of them are held to nothing of it any more, and
 * deliveries of them end when they are looked at next. What is served stays as it is. A later commit that has their files
 * brings them back. `not_found` where the manifest does not have them.
 */
export async function forgetManifest(
  transaction: Transaction,
  { repository, prompts, reason, assertedActor }: ManifestToForget,
): Promise<ForgottenManifest> {
  await sql`select pg_advisory_xact_lock(hashtextextended('sluice.manifests', 0))`.execute(transaction);
  const [present] = await listManifests(transaction, { repository });
  if (!present)
    throw notFound(`no commit of ${repository} is published; see which are: sluice sync status`, {
      repository,
    });
  const known = new Set(present.prompts.map(({ prompt }) => prompt));
  const stranger = prompts.find((prompt) => !known.has(prompt));
  if (stranger !== undefined)
    throw notFound(
      `${stranger} is no prompt of ${repository}, as commit ${present.commit.slice(0, 12)} has it`,
      {
        repository,
        prompt: stranger,
      },
    );
  const isWhole = prompts.length === 0;
  if (isWhole) await transaction.deleteFrom("manifests").where("repository", "=", repository).execute();
  else {
    await transaction.deleteFrom("manifest_prompts").where("prompt", "in", prompts).execute();
    // Whoever has read the manifest before publishes nothing in its place.
    await transaction
      .updateTable("manifests")
      .set({ revision: present.revision + 1 })
      .where("repository", "=", repository)
      .execute();
  }
  await appendAudit(transaction, {
    prompt: "",
    action: "manifest_forgotten",
    reason,
    assertedActor,
    details: { repository, commit: present.commit, ...(!isWhole && { prompts: prompts.toSorted() }) },
  });
  return { repository, prompts: [...(isWhole ? known : prompts)].toSorted(), whole: isWhole };
}

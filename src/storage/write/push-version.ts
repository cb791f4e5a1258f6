import type { Artifact } from "../../domain/artifact.ts";
import { nextSemver } from "../../domain/semantic-version.ts";
import { digestJson } from "../../digest.ts";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";

export interface VersionToPush {
  readonly prompt: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly artifact: Artifact;
  readonly author: string;
  readonly message: string;
  readonly tokenCount: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Null leaves the prompt's policy as it is. */
  readonly policySha256: string | null;
}

export interface PushedVersion {
  readonly versionId: string;
  readonly number: number;
  readonly semver: string;
  readonly sha256: string;
  /** False when this content is a version already. */
  readonly created: boolean;
  /** What is kept beside the version: of one that existed, what was pushed with it. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Creates the next version of a prompt, or gives the one that has exactly this content. */
export async function pushVersion(transaction: Transaction, version: VersionToPush): Promise<PushedVersion> {
  const sha256 = digestJson(version.artifact);
  const { metadata = {} } = version;
  const described = {
    description: version.description,
    tags: [...version.tags],
    ...(version.policySha256 !== null && { policy_sha256: version.policySha256 }),
  };
  await transaction
    .insertInto("prompts")
    .values({ name: version.prompt, ...described })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(described))
    .execute();
  // The prompt's row, just written, is locked: numbers have no gaps and two pushes make no duplicate.
  const existing = await transaction
    .selectFrom("versions")
    .select(["id", "number", "semver", "metadata"])
    .where("prompt", "=", version.prompt)
    .where("sha256", "=", sha256)
    .executeTakeFirst();
  if (existing) {
    const { id, ...known } = existing;
    return { versionId: id, ...known, sha256, created: false };
  }
  const newest = await transaction
    .selectFrom("versions")
    .select(["number", "semver", "artifact"])
    .where("prompt", "=", version.prompt)
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  const semver = nextSemver(newest, version.artifact);
  const created = await transaction
    .insertInto("versions")
    .values({
      prompt: version.prompt,
      number: (newest?.number ?? 0) + 1,
      semver,
      sha256,
      artifact: JSON.stringify(version.artifact),
      model: version.artifact.model,
      description: version.description,
      tags: [...version.tags],
      author: version.author,
      message: version.message,
      token_count: version.tokenCount,
      metadata: JSON.stringify(metadata),
    })
    .returning(["id", "number"])
    .executeTakeFirstOrThrow();
  await appendAudit(transaction, {
    prompt: version.prompt,
    action: "version_pushed",
    toVersion: created.id,
    reason: version.message || null,
    assertedActor: version.author,
    details: { number: created.number, semver, sha256 },
  });
  return {
    versionId: created.id,
    number: created.number,
    semver,
    sha256,
    created: true,
    metadata,
  };
}

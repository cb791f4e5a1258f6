import type { Selectable } from "kysely";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import { conflict, notFound } from "../../domain/errors.ts";
import { diffArtifacts } from "../../domain/prompt/version-diff.ts";
import { nextSemver } from "../../domain/prompt/semantic-version.ts";
import { digestJson } from "../../digest.ts";
import { tellAuthored } from "../authored-channel.ts";
import type { Transaction } from "../database.ts";
import type { Tables } from "../tables.ts";
import { ownerProblem } from "../read/environment-problem.ts";
import { appendAudit } from "./append-audit.ts";
import { storableJson } from "../storable-json.ts";

export interface VersionToPush {
  readonly prompt: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly artifact: Artifact;
  readonly author: string;
  readonly message: string;
  readonly tokenCount: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What the content was made from: a number or a SHA-256. Unknown ones, and nothing, are no base. */
  readonly base?: number | string | undefined;
  /** Null leaves the prompt's policy as it is. */
  readonly policySha256: string | null;
  /** Why it is saved although Git owns the prompt and says something else. */
  readonly emergency?: string | undefined;
  /** What looks like a secret and was let through, by kind, and why. */
  readonly allowedSecrets?: { readonly kinds: readonly string[]; readonly reason: string };
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
  /** Its prompt was put away: no version of it is rolled out. */
  readonly archived: boolean;
}

/** `details.kind` of the conflict that a newer version than the base is. */
export const MOVED_ON = "moved_on";

async function refuseMovedOn(
  transaction: Transaction,
  prompt: string,
  base: number | string,
  newest: Pick<Selectable<Tables["versions"]>, "number" | "sha256" | "artifact" | "author" | "message">,
): Promise<void> {
  const from = await transaction
    .selectFrom("versions")
    .select(["number", "artifact"])
    .where("prompt", "=", prompt)
    .where(typeof base === "number" ? "number" : "sha256", "=", base)
    .executeTakeFirst();
  if (!from && typeof base === "number")
    throw notFound(`${prompt}@${base} does not exist; the newest version is ${prompt}@${newest.number}`, {
      prompt,
    });
  // A base that this store has never had: the file came from another one.
  if (!from || from.number === newest.number) return;
  const changed = diffArtifacts(from.artifact, newest.artifact).map(({ part }) => part);
  const [old, now] = [`${prompt}@${from.number}`, `${prompt}@${newest.number}`];
  throw conflict(
    `${now} was pushed meanwhile by ${newest.author}${newest.message ? ` ("${newest.message}")` : ""}, and this file came from ${old}; it changed ${changed.join(", ")} (sluice diff ${old} ${now}): bring that into the file, then push it with --base ${newest.number}`,
    {
      kind: MOVED_ON,
      prompt,
      base: from.number,
      newest: newest.number,
      newestSha256: newest.sha256,
      changed,
    },
  );
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
  const { archived_at } = await transaction
    .insertInto("prompts")
    .values({ name: version.prompt, ...described })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(described))
    .returning("archived_at")
    .executeTakeFirstOrThrow();
  const archived = archived_at !== null;
  // The prompt's row, just written, is locked: numbers have no gaps and two pushes make no duplicate.
  const existing = await transaction
    .selectFrom("versions")
    .select(["id", "number", "semver", "metadata"])
    .where("prompt", "=", version.prompt)
    .where("sha256", "=", sha256)
    .executeTakeFirst();
  if (existing) {
    const { id, ...known } = existing;
    return { versionId: id, ...known, sha256, created: false, archived };
  }
  const owned = version.emergency === undefined && (await ownerProblem(transaction, version.prompt, sha256));
  if (owned)
    throw conflict(`${owned}. In an emergency: sluice push --emergency REASON`, { prompt: version.prompt });
  const newest = await transaction
    .selectFrom("versions")
    .select(["id", "number", "semver", "sha256", "artifact", "author", "message"])
    .where("prompt", "=", version.prompt)
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  if (newest && version.base !== undefined)
    await refuseMovedOn(transaction, version.prompt, version.base, newest);
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
      metadata: storableJson(metadata),
    })
    .returning(["id", "number"])
    .executeTakeFirstOrThrow();
  await appendAudit(transaction, {
    prompt: version.prompt,
    action: "version_pushed",
    toVersion: created.id,
    reason: version.message || null,
    assertedActor: version.author,
    details: {
      number: created.number,
      semver,
      sha256,
      ...(version.emergency !== undefined && { emergency: version.emergency }),
      ...(version.allowedSecrets && { allowedSecrets: version.allowedSecrets }),
    },
  });
  const { prompt } = version;
  await tellAuthored(transaction, { kind: "version", prompt, version: created.number });
  return {
    versionId: created.id,
    number: created.number,
    semver,
    sha256,
    created: true,
    metadata,
    archived,
  };
}

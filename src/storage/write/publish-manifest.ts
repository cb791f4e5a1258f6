import { sql } from "kysely";
import { conflict } from "../../domain/errors.ts";
import {
  type Manifest,
  MANIFEST_MOVED,
  type Publication,
  type PublishedManifest,
} from "../../domain/shapes/delivering.ts";
import type { Transaction } from "../database.ts";
import { listManifests } from "../read/manifests.ts";
import { appendAudit } from "./append-audit.ts";

export interface ManifestToPublish {
  readonly manifest: Manifest;
  /** The revision of the manifest that it follows; 0: there was none. */
  readonly expectedRevision: number;
  /** Also where it does not follow: an older commit, or another branch. */
  readonly takeOver: boolean;
  readonly assertedActor: string | null;
}

/**
 * Puts a manifest in the place of the one that it follows. The same one again changes nothing. `conflict` where
 * another one was published meanwhile, where it is older or of another branch, and where another repository has one of its
 * prompts.
 */
export async function publishManifest(
  transaction: Transaction,
  { manifest, expectedRevision, takeOver, assertedActor }: ManifestToPublish,
): Promise<Publication> {
  const { repository, branch, commit } = manifest;
  // Whoever is second waits here, and finds what the first has left: also another repository, which may want a prompt.
  await sql`select pg_advisory_xact_lock(hashtextextended('sluice.manifests', 0))`.execute(transaction);
  const [present] = await listManifests(transaction, { repository });
  if (present && isSame(present, manifest))
    return { repository, commit, revision: present.revision, changed: false, replaced: null };
  if ((present?.revision ?? 0) !== expectedRevision)
    throw conflict(
      `the manifest of ${repository} is at commit ${present?.commit.slice(0, 12) ?? "none"}, which was published meanwhile; apply again`,
      { kind: MANIFEST_MOVED, revision: present?.revision ?? 0 },
    );
  if (present && !takeOver) refuseStepBack(present, manifest);
  await refuseOthers(transaction, manifest);
  const revision = expectedRevision + 1;
  const columns = {
    branch,
    commit,
    committed_at: new Date(manifest.committedAt),
    owner: manifest.owner,
    revision,
    asserted_by: assertedActor,
  };
  await transaction
    .insertInto("manifests")
    .values({ repository, ...columns })
    .onConflict((there) =>
      there.column("repository").doUpdateSet({
        ...columns,
        published_by: sql<string>`session_user`,
        published_at: sql<Date>`clock_timestamp()`,
      }),
    )
    .execute();
  await replaceParts(transaction, manifest);
  await appendAudit(transaction, {
    prompt: "",
    action: "manifest_published",
    assertedActor,
    details: {
      repository,
      branch,
      commit,
      replaced: present?.commit ?? null,
      prompts: manifest.prompts.length,
      ...(takeOver && { takeOver: true }),
    },
  });
  return { repository, commit, revision, changed: true, replaced: present?.commit ?? null };
}

function isSame(present: PublishedManifest, { committedAt, ...manifest }: Manifest): boolean {
  const text = ({ branch, commit, owner, environments, prompts }: Omit<Manifest, "committedAt">) =>
    JSON.stringify([
      branch,
      commit,
      owner,
      environments.map(({ name, label, from, liveForMs, scopes }) => [
        name,
        label,
        from,
        liveForMs,
        scopes.map(({ model, tenant }) => `${model ?? ""}/${tenant ?? ""}`).toSorted(),
      ]),
      prompts.map(({ prompt, path, sha256 }) => [prompt, path, sha256].join("\n")).toSorted(),
    ]);
  return text(present) === text(manifest) && Date.parse(present.committedAt) === Date.parse(committedAt);
}

/** What the database can tell by itself; whether a commit is an ancestor of another one, only Git knows. */
function refuseStepBack(
  present: PublishedManifest,
  { repository, branch, committedAt, commit }: Manifest,
): void {
  const at = present.commit.slice(0, 12);
  if (present.branch !== branch)
    throw conflict(
      `${repository} is applied from branch ${present.branch} (commit ${at}), not from ${branch}: apply there, or go on from here with --take-over`,
      { branch: present.branch, commit: present.commit },
    );
  if (Date.parse(committedAt) < Date.parse(present.committedAt))
    throw conflict(
      `commit ${commit.slice(0, 12)} is older than ${at}, which was applied: check out the newer one, or go back with --take-over`,
      { commit: present.commit },
    );
}

async function refuseOthers(transaction: Transaction, { repository, prompts }: Manifest): Promise<void> {
  const other = await transaction
    .selectFrom("manifest_prompts")
    .select(["prompt", "repository"])
    .where("repository", "!=", repository)
    .where("prompt", "in", ["", ...prompts.map(({ prompt }) => prompt)])
    .orderBy("prompt")
    .executeTakeFirst();
  if (other)
    throw conflict(
      `${other.prompt} comes from the repository ${other.repository}, and a prompt comes from one: remove its file in one of the two and apply that one first`,
      { prompt: other.prompt, repository: other.repository },
    );
}

async function replaceParts(transaction: Transaction, manifest: Manifest): Promise<void> {
  const { repository, environments, prompts } = manifest;
  await transaction.deleteFrom("environments").where("repository", "=", repository).execute();
  await transaction.deleteFrom("manifest_prompts").where("repository", "=", repository).execute();
  const places = environments.flatMap(({ name, label, from, liveForMs, scopes }, position) =>
    scopes.map(({ model, tenant }) => ({
      repository,
      position,
      name,
      label,
      model: model ?? "",
      tenant: tenant ?? "",
      from_environment: from,
      live_for_ms: liveForMs,
    })),
  );
  if (places.length > 0) await transaction.insertInto("environments").values(places).execute();
  if (prompts.length > 0)
    await transaction
      .insertInto("manifest_prompts")
      .values(prompts.map((prompt) => ({ repository, ...prompt })))
      .execute();
}

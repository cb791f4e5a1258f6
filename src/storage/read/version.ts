import { type Selectable, sql } from "kysely";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import { notFound } from "../../domain/errors.ts";
import type { PromptReference, VersionReference } from "../../domain/names.ts";
import { didYouMean } from "../../domain/text/suggestion.ts";
import type { Database } from "../database.ts";
import type { Tables } from "../tables.ts";

export type VersionRow = Selectable<Tables["versions"]>;

export async function findVersionById(db: Database, id: string): Promise<VersionRow | undefined> {
  return db.selectFrom("versions").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function findVersionBySha256(
  db: Database,
  prompt: string,
  sha256: string,
): Promise<VersionRow | undefined> {
  return db
    .selectFrom("versions")
    .selectAll()
    .where("prompt", "=", prompt)
    .where("sha256", "=", sha256)
    .executeTakeFirst();
}

/** The artifacts of versions by prompt and hash, under `PROMPT HASH`: one question, however many there are. */
export async function artifactsBySha256(
  db: Database,
  versions: readonly { readonly prompt: string; readonly sha256: string }[],
): Promise<Map<string, Artifact>> {
  const { rows } = await sql<{ prompt: string; sha256: string; artifact: Artifact }>`
    select v.prompt, v.sha256, v.artifact
    from (select distinct * from unnest(${versions.map(({ prompt }) => prompt)}::text[],
      ${versions.map(({ sha256 }) => sha256)}::text[]) as w (prompt, sha256)) w
    join sluice.versions v on v.prompt = w.prompt and v.sha256 = w.sha256`.execute(db);
  return new Map(rows.map(({ prompt, sha256, artifact }) => [`${prompt} ${sha256}`, artifact]));
}

/** The newest version before one of this content; before nothing where there is none of it. */
export async function versionBefore(
  db: Database,
  prompt: string,
  sha256: string,
): Promise<VersionRow | undefined> {
  const known = await findVersionBySha256(db, prompt, sha256);
  let query = db.selectFrom("versions").selectAll().where("prompt", "=", prompt);
  if (known) query = query.where("number", "<", known.number);
  return query.orderBy("number", "desc").limit(1).executeTakeFirst();
}

export async function newestVersion(db: Database, prompt: string): Promise<VersionRow | undefined> {
  return db
    .selectFrom("versions")
    .selectAll()
    .where("prompt", "=", prompt)
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** A version by its reference, the newest where no number is given. `not_found` names what is near. */
export async function requireVersion(
  db: Database,
  { prompt, number, semver }: PromptReference,
): Promise<VersionRow> {
  let query = db.selectFrom("versions").selectAll().where("prompt", "=", prompt);
  if (number !== undefined) query = query.where("number", "=", number);
  if (semver !== undefined) query = query.where("semver", "=", semver);
  const row = await query.orderBy("number", "desc").limit(1).executeTakeFirst();
  if (row) return row;
  await requirePrompt(db, prompt);
  const newest = await newestVersion(db, prompt);
  throw notFound(
    newest === undefined
      ? `${prompt} has no version yet; create one: sluice push FILE`
      : `${prompt}@${semver ?? number} does not exist; the newest version is ${prompt}@${newest.number} (${newest.semver})`,
    { prompt, number, semver, newest: newest?.number ?? null },
  );
}

/** The number of a version that may have been named by its semantic version. */
export async function numberedVersion(
  db: Database,
  reference: VersionReference,
): Promise<{ readonly prompt: string; readonly number: number }> {
  const { prompt, number } = reference;
  return { prompt, number: number ?? (await requireVersion(db, reference)).number };
}

/** `not_found`, with the nearest name, unless the prompt exists. */
export async function requirePrompt(db: Database, prompt: string): Promise<void> {
  const names = await db.selectFrom("prompts").select("name").execute();
  if (names.some(({ name }) => name === prompt)) return;
  throw notFound(
    names.length === 0
      ? `there is no prompt "${prompt}", nor any other yet; create one: sluice push FILE`
      : `there is no prompt "${prompt}"${
          didYouMean(
            prompt,
            names.map(({ name }) => name),
          ) || "; see: sluice list"
        }`,
    { prompt },
  );
}

export function versionName(row: { readonly prompt: string; readonly number: number }): string {
  return `${row.prompt}@${row.number}`;
}

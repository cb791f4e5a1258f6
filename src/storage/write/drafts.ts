import { sql } from "kysely";
import { conflict } from "../../domain/errors.ts";
import type { WholeDraft } from "../../domain/shapes/drafts.ts";
import { tellAuthored } from "../authored-channel.ts";
import type { Transaction } from "../database.ts";
import { noSuchDraft } from "../read/drafts.ts";

/** Whose a draft is. */
export interface DraftOwner {
  readonly account: string;
  readonly owner: string;
}

type Says = Pick<WholeDraft, "base" | "file" | "values">;

export interface DraftToOpen extends DraftOwner, Says {
  readonly prompt: string;
  readonly id: string;
}

/** What is left out stays as it is. */
export interface DraftToSave extends Partial<{ readonly [Key in keyof Says]: Says[Key] | undefined }> {
  readonly id: string;
  readonly account: string;
  /** The one that was read. */
  readonly revision: number;
  /** Keeps how it was until now, whatever is saved after it. */
  readonly keepBefore?: boolean | undefined;
}

/** `details.kind` of the conflict that a draft was saved from somewhere else meanwhile. */
export const SAVED_MEANWHILE = "saved_meanwhile";

/** More than anybody works on: what is open is found again. */
const MOST_DRAFTS = 100;
const MOST_REVISIONS = 50;

/** Opens a draft; one of this id that there is already stays as it is. */
export async function openDraft(transaction: Transaction, draft: DraftToOpen): Promise<void> {
  const { id, prompt, account, owner } = draft;
  const { open } = await transaction
    .selectFrom("drafts")
    .select(({ fn }) => fn.countAll<string>().as("open"))
    .where("account", "=", account)
    .where("prompt", "=", prompt)
    .where("id", "!=", id)
    .executeTakeFirstOrThrow();
  if (Number(open) >= MOST_DRAFTS)
    throw conflict(`you have ${open} drafts of ${prompt} already; discard some of them`, { prompt });
  const file = JSON.stringify(draft.file);
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto("drafts")
    .values({
      id,
      prompt,
      account,
      owner,
      base_version: draft.base,
      document: file,
      sample_values: JSON.stringify(draft.values),
    })
    .onConflict((conflicting) => conflicting.column("id").doNothing())
    .executeTakeFirst();
  if (!numInsertedOrUpdatedRows) return;
  await transaction
    .insertInto("draft_revisions")
    .values({ draft: id, revision: 1, base_version: draft.base, document: file })
    .execute();
  await tellAuthored(transaction, { kind: "draft", prompt, draftId: id });
}

/**
 * Saves a draft on the revision that was read, and gives the new one. The same content again, after an answer that was
 * lost, is no conflict.
 */
export async function saveDraft(transaction: Transaction, draft: DraftToSave): Promise<number> {
  const { id, account, revision } = draft;
  const before = await transaction
    .selectFrom("drafts")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (!before || before.account !== account) throw noSuchDraft(id);
  const next = {
    base_version: draft.base === undefined ? before.base_version : draft.base,
    document: JSON.stringify(draft.file ?? before.document),
    sample_values: JSON.stringify(draft.values ?? before.sample_values),
  };
  const isSame =
    next.base_version === before.base_version &&
    next.document === JSON.stringify(before.document) &&
    next.sample_values === JSON.stringify(before.sample_values);
  if (isSame) return before.revision;
  if (before.revision !== revision)
    throw conflict(
      `the draft is at revision ${before.revision} and not at ${revision} any more: it was saved from somewhere else meanwhile; read it again`,
      { kind: SAVED_MEANWHILE, draftId: id, revision: before.revision },
    );
  const number = revision + 1;
  await transaction
    .updateTable("drafts")
    .set({ ...next, revision: number, updated_at: sql`clock_timestamp()` })
    .where("id", "=", id)
    .execute();
  if (draft.keepBefore) await keepRevision(transaction, id, before);
  const isNew = await addRevision(transaction, id, { ...next, revision: number });
  if (isNew) await tellAuthored(transaction, { kind: "draft", prompt: before.prompt, draftId: id });
  return number;
}

/** False where there is none that is this account's. */
export async function discardDraft(
  transaction: Transaction,
  { id, account }: Pick<DraftToSave, "id" | "account">,
): Promise<boolean> {
  const gone = await transaction
    .deleteFrom("drafts")
    .where("id", "=", id)
    .where("account", "=", account)
    .returning("prompt")
    .executeTakeFirst();
  if (gone) await tellAuthored(transaction, { kind: "draft", prompt: gone.prompt, draftId: id });
  return gone !== undefined;
}

/** Removes drafts that nobody has worked on for so long, and gives how many. */
export async function removeOldDrafts(transaction: Transaction, days: number): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom("drafts")
    .where("updated_at", "<", sql<Date>`clock_timestamp() - make_interval(days => ${days}::integer)`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

interface Revision {
  readonly revision: number;
  readonly base_version: number | null;
  readonly document: unknown;
}

async function keepRevision(transaction: Transaction, draft: string, was: Revision): Promise<void> {
  const { revision, base_version, document } = was;
  await transaction
    .insertInto("draft_revisions")
    .values({ draft, revision, base_version, document: JSON.stringify(document), is_kept: true })
    .onConflict((known) => known.columns(["draft", "revision"]).doUpdateSet({ is_kept: true }))
    .execute();
}

/** While somebody types there is one a minute: true where this one begins a minute. */
async function addRevision(
  transaction: Transaction,
  draft: string,
  { revision, base_version, document }: Revision & { readonly document: string },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable("draft_revisions")
    .set({ revision, base_version, document })
    .where("draft", "=", draft)
    .where("revision", "=", (query) =>
      query
        .selectFrom("draft_revisions")
        .select(({ fn }) => fn.max("revision").as("newest"))
        .where("draft", "=", draft),
    )
    .where("is_kept", "=", false)
    .where("revision", ">", 1)
    .where("at", ">", sql<Date>`clock_timestamp() - interval '1 minute'`)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return false;
  await transaction
    .insertInto("draft_revisions")
    .values({ draft, revision, base_version, document })
    .execute();
  await transaction
    .deleteFrom("draft_revisions")
    .where("draft", "=", draft)
    .where("revision", "<=", (query) =>
      query
        .selectFrom("draft_revisions")
        .select("revision")
        .where("draft", "=", draft)
        .orderBy("revision", "desc")
        .offset(MOST_REVISIONS)
        .limit(1),
    )
    .execute();
  return true;
}

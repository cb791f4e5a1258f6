import type { ListedKey } from "../../domain/shapes/keys.ts";
import type { Transaction } from "../database.ts";
import { listKeys, listKeysByAdmin } from "../read/key-list.ts";
import { appendAudit, type AuditAction } from "./append-audit.ts";
import {
  createKeyByAdmin,
  endKeyByAdmin,
  expireKey,
  insertKey,
  type KeyRow,
  replaceKey,
  revokeKey,
} from "./keys.ts";

/**
 * How keys are read and written: `table`: by a login that may write their table; `admin`: by what Postgres lets the
 * admin do whose key it was shown, with keys that can do no more than that one.
 */
export type KeyAccess = "table" | "admin";

/** By which access something is done with keys, and who says that they do it where no key proves it. */
export interface KeyHand {
  readonly access?: KeyAccess | undefined;
  readonly by?: string | null | undefined;
}

interface Replacement {
  readonly id: string;
  readonly overlapMs: number;
}

interface KeyTable {
  list(transaction: Transaction, options: { readonly all: boolean }): Promise<ListedKey[]>;
  insert(transaction: Transaction, key: KeyRow): Promise<void>;
  replace(transaction: Transaction, old: ListedKey, by: Replacement): Promise<void>;
  /** False when it had been revoked before. */
  revoke(transaction: Transaction, key: ListedKey): Promise<boolean>;
}

const TABLES: Readonly<Record<KeyAccess, KeyTable>> = {
  table: {
    list: listKeys,
    insert: insertKey,
    async replace(transaction, old, { id, overlapMs }) {
      await replaceKey(transaction, old.id, id);
      await expireKey(transaction, old.id, overlapMs);
    },
    revoke: (transaction, { id }) => revokeKey(transaction, id),
  },
  admin: {
    list: listKeysByAdmin,
    insert: createKeyByAdmin,
    async replace(transaction, old, { id: successor, overlapMs }) {
      await endKeyByAdmin(transaction, old.id, { successor, overlapMs });
    },
    revoke: (transaction, { id }) => endKeyByAdmin(transaction, id),
  },
};

/** Keys, read and written by one access; what changes is audited in the same transaction. */
export function keyRegister({ access = "table", by = null }: KeyHand): KeyTable {
  const table = TABLES[access];
  return {
    list: (transaction, options) => table.list(transaction, options),
    async insert(transaction, key) {
      await table.insert(transaction, key);
      await auditKey(transaction, "key_created", key, by);
    },
    async replace(transaction, old, replacement) {
      await table.replace(transaction, old, replacement);
      await auditKey(transaction, "key_rotated", old, by, { replacedBy: replacement.id });
    },
    async revoke(transaction, key) {
      const revoked = await table.revoke(transaction, key);
      if (revoked) await auditKey(transaction, "key_revoked", key, by);
      return revoked;
    },
  };
}

/**
 * In a chain of no prompt's. What a key was granted may name what not everybody may know of. Each happens to a key
 * once, so a transaction that is tried again after a lost acknowledgement finds its entry.
 */
async function auditKey(
  transaction: Transaction,
  action: AuditAction,
  { id, name, role }: Pick<KeyRow, "id" | "name" | "role">,
  assertedActor: string | null,
  more: Record<string, unknown> = {},
): Promise<void> {
  const written = await transaction
    .selectFrom("audit")
    .select("seq")
    .where("prompt", "=", "")
    .where("action", "=", action)
    .where((where) => where(where.ref("details", "->>").key("key"), "=", id))
    .executeTakeFirst();
  if (written) return;
  await appendAudit(transaction, {
    prompt: "",
    action,
    assertedActor,
    details: { key: id, name, role, ...more },
  });
}

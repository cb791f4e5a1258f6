import type { Transaction } from "../database.ts";
import { listKeys, listKeysByAdmin, type ListedKey } from "../read/key-list.ts";
import {
  createKeyByAdmin,
  expireKey,
  insertKey,
  type KeyRow,
  replaceKey,
  replaceKeyByAdmin,
  revokeKey,
  revokeKeyByAdmin,
} from "./keys.ts";

/**
 * How keys are read and written: `table`: by a login that may write their table; `admin`: by what Postgres lets the
 * admin do whose key it was shown, with keys that can do no more than that one.
 */
export type KeyAccess = "table" | "admin";

export interface KeyRegister {
  list(transaction: Transaction, options: { readonly all: boolean }): Promise<ListedKey[]>;
  insert(transaction: Transaction, key: KeyRow): Promise<void>;
  /** Another one takes its place; it stays good for the overlap. */
  replace(
    transaction: Transaction,
    old: ListedKey,
    by: { readonly id: string; readonly overlapMs: number },
  ): Promise<void>;
  /** False when it had been revoked before. */
  revoke(transaction: Transaction, key: ListedKey): Promise<boolean>;
}

export const KEY_REGISTERS: Readonly<Record<KeyAccess, KeyRegister>> = {
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
    replace: replaceKeyByAdmin,
    revoke: revokeKeyByAdmin,
  },
};

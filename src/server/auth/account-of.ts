import type { Caller } from "../caller.ts";

/** Whose something is that belongs to one person: by their issuer's word, and for all keys that one owner has the same. */
export function accountOf({ key }: Caller): string {
  return key.kind === "key" ? `owner/${key.owner}` : key.account;
}

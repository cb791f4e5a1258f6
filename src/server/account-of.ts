import type { Caller } from "./caller.ts";

/** Whose drafts are whose: a person's by their issuer's word, and those of all keys that one owner has. */
export function accountOf({ key }: Caller): string {
  return key.kind === "key" ? `owner/${key.owner}` : key.account;
}

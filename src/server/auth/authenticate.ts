import { actingAs } from "../../storage/acting-database.ts";
import { RequestRefused, tooMany } from "../problem.ts";
import type { Parts } from "../parts.ts";
import type { Caller } from "../route.ts";
import { shownKey } from "./shown-key.ts";

/** So many wrong keys a minute of one address are answered 401; after that, 429. */
const FAILURES = { perSecond: 10 / 60, burst: 10 };

/** Who sends a request. Without a good key it is `unauthenticated`, always with the same words. */
export async function authenticate(
  parts: Parts,
  { authorization, address }: { readonly authorization: string | undefined; readonly address: string },
): Promise<Caller> {
  const shown = shownKey(authorization);
  if (shown === "none")
    throw new RequestRefused("unauthenticated", "this needs a key: send Authorization: Bearer KEY");
  const key = shown === "bad" ? undefined : await parts.keys.check(shown);
  if (!key || shown === "bad") throw refused(parts, address);
  return {
    key,
    grants: key.grants,
    stillGood: async () => (await parts.keys.check(shown)) !== undefined,
    acting: () => actingAs(parts.db, shown),
  };
}

function refused({ limits }: Parts, address: string): RequestRefused {
  const wait = limits.takeOf(`failed ${address}`, FAILURES);
  if (wait !== undefined)
    return tooMany("too many wrong keys from this address; wait, and check the key", wait);
  return new RequestRefused("unauthenticated", "this key is not known, or no longer good");
}

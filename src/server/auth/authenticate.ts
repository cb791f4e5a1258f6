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

/** Counts what fails as `unauthenticated` as a wrong key of the address is: after some it is told to wait. */
export async function countFailure<T>(
  parts: Pick<Parts, "limits">,
  address: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestRefused && error.code === "unauthenticated") countWrong(parts, address);
    throw error;
  }
}

function refused(parts: Parts, address: string): RequestRefused {
  countWrong(parts, address);
  return new RequestRefused("unauthenticated", "this key is not known, or no longer good");
}

function countWrong({ limits }: Pick<Parts, "limits">, address: string): void {
  const wait = limits.takeOf(`failed ${address}`, FAILURES);
  if (wait !== undefined)
    throw tooMany("too many wrong keys from this address; wait, and check the key", wait);
}

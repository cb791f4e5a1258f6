import { RequestRefused, tooMany } from "../requests/problem.ts";
import type { Parts } from "../parts.ts";

/** So many wrong keys a minute of one address are answered 401; after that, 429. */
const FAILURES = { perSecond: 10 / 60, burst: 10 };

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

/** So many sign-ins a minute of one address are begun: each asks the issuer. */
export function countSignIn({ limits }: Pick<Parts, "limits">, address: string): void {
  const wait = limits.takeOf(`sign-in ${address}`, FAILURES);
  if (wait !== undefined) throw tooMany("too many sign-ins from this address; wait", wait);
}

/** Refuses a key that is no good, always with the same words. */
export function refuseKey(parts: Pick<Parts, "limits">, address: string): never {
  countWrong(parts, address);
  throw new RequestRefused("unauthenticated", "this key is not known, or no longer good");
}

function countWrong({ limits }: Pick<Parts, "limits">, address: string): void {
  const wait = limits.takeOf(`failed ${address}`, FAILURES);
  if (wait !== undefined)
    throw tooMany("too many wrong keys from this address; wait, and check the key", wait);
}

import { SluiceError } from "../../domain/errors.ts";
import type { CheckedKeys } from "../auth/checked-keys.ts";
import type { KnownCallers } from "../auth/known-callers.ts";
import { shownKey } from "../auth/shown-key.ts";
import { refuseKey } from "../auth/wrong-keys.ts";
import type { Caller } from "../caller.ts";
import type { Limits } from "../requests/limits.ts";
import { RequestRefused } from "../requests/problem.ts";
import type { Credentials } from "../serving-parts.ts";
import type { ShownKey } from "./upstream-keys.ts";

interface KeyParts {
  readonly keys: CheckedKeys<ShownKey>;
  readonly callers: KnownCallers;
  readonly limits: Limits;
}

/** Who sends a request to a relay: by a key, or by a CI job's token. Browsers go to the server itself. */
export function showingKeys({
  keys,
  callers,
  limits,
}: KeyParts): (credentials: Credentials) => Promise<Caller> {
  return async ({ headers: { authorization = "" }, address }) => {
    const proof = shownKey(authorization);
    if (proof === "none")
      throw new RequestRefused("unauthenticated", "this needs a key: send Authorization: Bearer KEY");
    if (proof === "bad") return refuseKey({ limits }, address);
    const shown = { ...proof, authorization };
    const key = await keys.check(shown);
    if (!key) return refuseKey({ limits }, address);
    const caller: Caller = {
      key,
      shown,
      byBrowser: false,
      grants: key.grants,
      stillGood: async () => (await keys.check(shown)) !== undefined,
      acting: () => {
        throw new SluiceError("internal", "a relay has no database to change");
      },
    };
    callers.keep(authorization, caller);
    return caller;
  };
}

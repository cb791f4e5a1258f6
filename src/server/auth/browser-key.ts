import { SluiceError } from "../../domain/errors.ts";
import type { CheckedKey } from "../../storage/read/checked-key.ts";
import type { Caller } from "../route.ts";

const PUBLIC = /^bearer +slu_([a-z0-9]{12})$/i;
const NO_PROOF = Buffer.alloc(0);

/** The id of a key where a request shows nothing else of it, as Langfuse's client for browsers does: anybody can read it there. */
export function publicKeyId(authorization: string | undefined): string | undefined {
  return PUBLIC.exec(authorization ?? "")?.[1];
}

/** Whoever has the id of a key that may be known: nobody by proof. */
export function browserCaller(
  key: CheckedKey,
  check: (shown: { readonly id: string; readonly proof: Buffer }) => Promise<CheckedKey | undefined>,
): Caller {
  const shown = { id: key.id, proof: NO_PROOF };
  return {
    key,
    shown,
    byBrowser: false,
    isPublic: true,
    grants: key.grants,
    stillGood: async () => (await check(shown)) !== undefined,
    acting: () => {
      throw new SluiceError("forbidden", "the id of a key is no proof of whose it is");
    },
  };
}

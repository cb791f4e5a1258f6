import type { KeyProof } from "../access/key-text.ts";
import type { Grants } from "../domain/access/grants.ts";
import type { Database } from "../storage/database.ts";
import type { CheckedKey } from "../storage/read/checked-key.ts";

/** Who asks: a key, or a session, that has been checked. */
export interface Caller {
  readonly key: CheckedKey;
  readonly shown: KeyProof;
  /** Whether a browser may have shown it by itself, whoever had it do so: by a cookie, or by way of a proxy. */
  readonly byBrowser: boolean;
  /** Whether only the key's id was shown, which browsers may know: it may send scores. */
  readonly isPublic?: true;
  readonly grants: Grants;
  /** Whether the key is good at this moment. */
  readonly stillGood: () => Promise<boolean>;
  /** The database for whoever showed the key: what they change is audited under their name, by proof. */
  readonly acting: () => Database;
}

import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import type { KeyProof } from "../../access/key-text.ts";
import { grantsSchema } from "../../domain/access/grants.ts";
import { PRINCIPAL_KINDS } from "../../domain/access/principal.ts";
import { ROLES } from "../../domain/access/roles.ts";
import { unavailable } from "../../domain/errors.ts";
import type { CheckedKey } from "../../storage/read/checked-key.ts";
import { tooMany } from "../requests/problem.ts";
import type { KeptKeys } from "./keeping/kept-keys.ts";
import type { Upstream } from "./upstream.ts";

/** A key, and the header that shows it. */
export interface ShownKey extends KeyProof {
  readonly authorization: string;
}

/** How long the server may think about a key that was good a while ago. */
const PATIENCE_MS = 500;

const about = v.object({
  id: v.string(),
  kind: v.picklist(PRINCIPAL_KINDS),
  session: v.boolean(),
  expiresAt: v.nullable(v.string()),
  name: v.string(),
  role: v.picklist(ROLES),
  owner: v.string(),
  grants: grantsSchema,
});

/** Which keys are good: the server knows, and where it cannot be asked, what it said of a resolver's key within a day. */
export class UpstreamKeys {
  readonly #upstream: Pick<Upstream, "ask">;
  readonly #kept: KeptKeys;

  constructor(upstream: Pick<Upstream, "ask">, kept: KeptKeys) {
    this.#upstream = upstream;
    this.#kept = kept;
  }

  /** The key, or undefined where it is no good; `unavailable` where nobody can tell. */
  async check(shown: ShownKey): Promise<CheckedKey | undefined> {
    const asked = this.#ask(shown);
    const kept = this.#kept.find(shown);
    if (!kept) return asked;
    const late = new AbortController();
    try {
      return await Promise.race([asked, delay(PATIENCE_MS, kept, { ref: false, signal: late.signal })]);
    } catch (error) {
      if ((error as { code?: unknown }).code === "unavailable") return kept;
      throw error;
    } finally {
      late.abort();
      asked.catch(() => undefined);
    }
  }

  async #ask(shown: ShownKey): Promise<CheckedKey | undefined> {
    const response = await this.#upstream.ask("/v1/me", { headers: { authorization: shown.authorization } });
    if (response.ok) {
      const key = readKey(await response.json().catch(() => undefined));
      this.#kept.keep(shown, key);
      return key;
    }
    await response.body?.cancel();
    if (response.status === 401) {
      this.#kept.forget(shown);
      return undefined;
    }
    // A wrong key too, of which there were many: it must not count as a server that is away.
    if (response.status === 429)
      throw tooMany("the server has been asked about too many keys; wait, and check the key", 10);
    throw unanswered();
  }
}

function readKey(given: unknown): CheckedKey {
  const parsed = v.safeParse(about, given);
  if (!parsed.success) throw unanswered();
  const { id, expiresAt, ...key } = parsed.output;
  const expiresInMs = expiresAt === null ? null : Date.parse(expiresAt) - Date.now();
  return { id, account: id, ...key, expiresInMs };
}

function unanswered(): Error {
  return unavailable("whether this key is good cannot be asked just now; try again in a moment");
}

import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIP } from "node:net";
import { type KeyProof, readKey } from "../../access/key-text.ts";
import type { IdentityProxy } from "../../access/identity-proxy.ts";
import { SluiceError } from "../../domain/errors.ts";
import { roleByClaims, type RolesFile } from "../../domain/access/roles-file.ts";
import type { Database } from "../../storage/database.ts";
import { openPersonSession } from "../../use-cases/open-person-session.ts";

/** Shorter than such a session is good for. */
const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 10_000;
/** What can be a name: anything that can be seen, and not too long. */
const NAME = /^[\p{L}\p{N}\p{P}\p{S}](?:[\p{L}\p{N}\p{P}\p{S} ]{0,198}[\p{L}\p{N}\p{P}\p{S}])?$/u;

interface Kept {
  readonly shown: Promise<KeyProof>;
  readonly at: number;
}

/** People whom a proxy has signed in, and names in each request that it passes on. */
export class ProxyPeople {
  readonly #settings: IdentityProxy;
  readonly #roles: RolesFile;
  readonly #db: Database;
  readonly #peers = new BlockList();
  readonly #kept = new Map<string, Kept>();

  constructor(settings: IdentityProxy, roles: RolesFile, db: Database) {
    this.#settings = settings;
    this.#roles = roles;
    this.#db = db;
    for (const peer of settings.peers) {
      const [address = "", bits] = peer.split("/");
      const version = isIP(address) === 6 ? "ipv6" : "ipv4";
      this.#peers.addSubnet(address, Number(bits ?? (version === "ipv6" ? 128 : 32)), version);
    }
  }

  /**
   * The session of the person whom a request names; undefined where it names nobody, or is not the proxy's: what it says
   * then is nobody's word. `forbidden` where the person has no role here.
   *
   * @param peer the address at the other end of the connection, whatever a header says of it
   */
  async shownBy(peer: string | undefined, headers: IncomingHttpHeaders): Promise<KeyProof | undefined> {
    const { userHeader, groupsHeader } = this.#settings;
    const user = headers[userHeader];
    if (typeof user !== "string" || !NAME.test(user) || !this.#isProxy(peer, headers)) return undefined;
    const said = groupsHeader === undefined ? undefined : headers[groupsHeader];
    const groups = typeof said === "string" ? said.split(",").map((group) => group.trim()) : [];
    const key = JSON.stringify([user, groups]);
    const known = this.#kept.get(key);
    if (known && performance.now() - known.at < KEPT_MS) return known.shown;
    const fresh = { shown: this.#open(user, groups), at: performance.now() };
    this.#keep(key, fresh);
    return fresh.shown;
  }

  #isProxy(peer: string | undefined, headers: IncomingHttpHeaders): boolean {
    const given = headers["sluice-proxy-secret"];
    if (peer === undefined || typeof given !== "string") return false;
    const plain = peer.replace(/^::ffff:(?=\d+\.)/, "");
    if (!this.#peers.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4")) return false;
    const digest = (text: string) => hash("sha256", text, "buffer");
    return timingSafeEqual(digest(given), digest(this.#settings.secret));
  }

  async #open(user: string, groups: readonly string[]): Promise<KeyProof> {
    const found = roleByClaims(this.#roles, { user, groups });
    if (!found)
      throw new SluiceError(
        "forbidden",
        "you are signed in at the proxy, and have no role here; whoever runs the server gives one in SLUICE_PROXY_ROLES",
      );
    return readKey(
      await openPersonSession(this.#db, { kind: "proxy", name: user, about: {}, ...found }),
      "session",
    )!;
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    // Tried again the next time.
    kept.shown.catch(() => this.#kept.get(key) === kept && this.#kept.delete(key));
  }
}

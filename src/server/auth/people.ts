import { SluiceError, unavailable } from "../../domain/errors.ts";
import { roleByClaims, type RolesFile } from "../../domain/access/roles-file.ts";
import type { Database } from "../../storage/database.ts";
import type { CheckedKey } from "../../storage/read/checked-key.ts";
import { claimRoleReading, keepRole } from "../../use-cases/keep-role.ts";
import { openPersonSession, type Person } from "../../use-cases/open-person-session.ts";
import { withdrawSession } from "../../use-cases/withdraw-session.ts";
import type { Identified, OidcClient, SignInTransaction } from "./oidc-client.ts";
import { openTokens, sealTokens } from "./sealed-tokens.ts";
import type { ShownSession } from "./session-cookie.ts";

/** How long a role is believed that its issuer has said. */
const ROLE_BELIEVED_MS = 15 * 60_000;
/** And while the issuer cannot be asked. */
const BELIEVED_WHILE_AWAY_MS = 60 * 60_000;

/** People who sign in at an issuer: who they are, and what they may do by what it says of them. */
export class People {
  readonly oidc: OidcClient;
  readonly #issuer: string;
  readonly #roles: RolesFile;
  readonly #db: Database;

  constructor(oidc: OidcClient, issuer: string, roles: RolesFile, db: Database) {
    this.oidc = oidc;
    this.#issuer = issuer.replace(/^https?:\/\//, "");
    this.#roles = roles;
    this.#db = db;
  }

  /** Lets in whom the issuer has named, and gives the session's text. `forbidden` where they have no role here. */
  async signIn(answer: URLSearchParams, transaction: SignInTransaction): Promise<string> {
    const identified = await this.oidc.finish(answer, transaction);
    const person = this.#personOf(identified);
    if (!person)
      throw new SluiceError(
        "forbidden",
        "you are signed in at the issuer, and have no role here; whoever runs the server gives one in SLUICE_OIDC_ROLES",
      );
    return openPersonSession(this.#db, person, (text) => sealTokens(identified.tokens, text));
  }

  /**
   * Whether a person's role is what the issuer says: `kept`, since that was read not long ago or cannot be read now;
   * `read` again; `over`, for want of a role or of a way to ask. One request of a session asks; others go on meanwhile.
   */
  async checkRole(shown: ShownSession, session: CheckedKey): Promise<"kept" | "read" | "over"> {
    const ageMs = session.rolesAgeMs ?? 0;
    if (ageMs < ROLE_BELIEVED_MS) return "kept";
    const sealed = await claimRoleReading(this.#db, shown);
    try {
      if (sealed !== undefined) return await this.#readAgain(shown, session.owner, sealed);
    } catch (error) {
      if (ageMs >= BELIEVED_WHILE_AWAY_MS) throw error;
      return "kept";
    }
    if (ageMs < BELIEVED_WHILE_AWAY_MS) return "kept";
    throw unavailable("the issuer is being asked what you may do; try again in a moment");
  }

  async #readAgain(shown: ShownSession, name: string, sealed: Buffer): Promise<"read" | "over"> {
    const subject = name.endsWith(`@${this.#issuer}`) ? name.slice(0, -this.#issuer.length - 1) : undefined;
    const tokens = openTokens(sealed, shown.text);
    const identified = subject && tokens && (await this.oidc.again(subject, tokens));
    const person = identified && this.#personOf(identified);
    if (person) await keepRole(this.#db, shown, person, sealTokens(identified.tokens, shown.text));
    else await withdrawSession(this.#db, shown);
    return person ? "read" : "over";
  }

  /** The name that stays: an e-mail address is given to somebody else one day, and is believed only where it was verified. */
  #personOf({ subject, claims }: Identified): Person | undefined {
    const found = roleByClaims(this.#roles, claims);
    if (!found) return undefined;
    const { email, email_verified: isVerified } = claims;
    const about = {
      subject,
      ...(isVerified === true && typeof email === "string" && { email }),
    };
    return { kind: "person", name: `${subject}@${this.#issuer}`, about, ...found };
  }
}

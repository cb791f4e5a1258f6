import { createRemoteJWKSet, customFetch, decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { CI_PLATFORMS, type WorkloadIssuers } from "../../domain/access/ci-platforms.ts";
import { SluiceError, unavailable } from "../../domain/errors.ts";
import { shown } from "../../domain/text/visible.ts";
import { type PermittedFetch, permittedFetch } from "../../outbound/permitted-fetch.ts";
import type { PermittedAddresses } from "../../outbound/permitted-addresses.ts";
import { RequestRefused } from "../requests/problem.ts";

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** A token is taken for so long after it was issued: a job asks for one when it needs it. */
const LONGEST_AGE = "10m";
/** Clocks differ. */
const TOLERANCE = "30s";

/** Verifies what the issuers of CI platforms have signed for this server. */
export class WorkloadTokens {
  readonly #audience: string;
  readonly #issuers: WorkloadIssuers;
  readonly #fetch: PermittedFetch;
  readonly #keySets = new Map<string, Promise<KeySet>>();

  /** @param audience what a token has to be made for: the server's public address */
  constructor(audience: string, issuers: WorkloadIssuers, permitted: PermittedAddresses) {
    this.#audience = audience;
    this.#issuers = issuers;
    this.#fetch = permittedFetch(permitted, "the issuer");
  }

  /** The claims of a token that is good; any other is `unauthenticated`, and an issuer that is away `unavailable`. */
  async verify(token: string): Promise<JWTPayload> {
    const issuer = issuerOf(token);
    const platform = this.#issuers.get(issuer);
    if (platform === undefined)
      throw refused(
        `tokens of the issuer ${shown(issuer)} are not taken here; whoever runs the server names it in SLUICE_WORKLOAD_ISSUERS`,
      );
    const { idClaim, runClaim } = CI_PLATFORMS[platform];
    try {
      const { payload } = await jwtVerify(token, await this.#keySet(issuer), {
        issuer,
        audience: this.#audience,
        // What is signed with a secret could be signed with the issuer's public key.
        algorithms: ["RS256"],
        maxTokenAge: LONGEST_AGE,
        clockTolerance: TOLERANCE,
        requiredClaims: ["jti", "exp", idClaim, runClaim],
      });
      return payload;
    } catch (error) {
      throw this.#explained(error, issuer);
    }
  }

  #keySet(issuer: string): Promise<KeySet> {
    const known = this.#keySets.get(issuer);
    if (known) return known;
    const found = this.#discover(issuer);
    this.#keySets.set(issuer, found);
    // Asked again the next time.
    found.catch(() => this.#keySets.delete(issuer));
    return found;
  }

  /** Its keys are where the issuer itself says, and nowhere else than at the issuer. */
  async #discover(issuer: string): Promise<KeySet> {
    const response = await this.#fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    const metadata: unknown = response.ok ? await response.json().catch(() => null) : null;
    const { issuer: named, jwks_uri: place } = (metadata ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
    const keys = typeof place === "string" ? URL.parse(place) : null;
    if (named !== issuer || keys?.origin !== new URL(issuer).origin)
      throw new SluiceError(
        "invalid_input",
        `${issuer} does not say where its keys are, or not at its own address`,
      );
    return createRemoteJWKSet(keys, { [customFetch]: (url, options) => this.#fetch(url, options) });
  }

  #explained(error: unknown, issuer: string): Error {
    const why = error instanceof errors.JOSEError ? this.#whyRefused(error) : undefined;
    if (why !== undefined) return refused(why);
    return unavailable(
      `the issuer ${issuer} does not give its keys; try again in a moment`,
      { issuer },
      error,
    );
  }

  #whyRefused(error: errors.JOSEError): string | undefined {
    if (error instanceof errors.JWTExpired) return "the token has expired, or is older than 10 minutes";
    if (error instanceof errors.JWTClaimValidationFailed)
      return error.claim === "aud"
        ? `the token is for another audience; ask for one for ${this.#audience}`
        : `the token's claim ${error.claim} is missing or wrong`;
    return WHY[error.code];
  }
}

/** What is not here is the issuer's failing, and not the token's. */
const WHY: Readonly<Record<string, string>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: "the token is not signed with RS256",
  ERR_JOSE_NOT_SUPPORTED: "the token is not signed with RS256",
  ERR_JWKS_NO_MATCHING_KEY: "the token is not signed with a key of its issuer",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the token is not signed with a key of its issuer",
  ERR_JWS_INVALID: "this is no signed token",
  ERR_JWT_INVALID: "this is no signed token",
};

function issuerOf(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === "string") return iss;
  } catch {
    // As one that names nobody.
  }
  throw refused("this is no signed token of an issuer");
}

function refused(why: string): RequestRefused {
  return new RequestRefused("unauthenticated", why);
}

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  type Configuration,
  customFetch,
  type CustomFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  ResponseBodyError,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  WWWAuthenticateChallengeError,
} from "openid-client";
import type { OidcSettings } from "../../access/identity-settings.ts";
import { SluiceError, unavailable } from "../../domain/errors.ts";
import type { PermittedAddresses } from "../../outbound/permitted-addresses.ts";
import { permittedFetch } from "../../outbound/permitted-fetch.ts";
import { RequestRefused } from "../requests/problem.ts";
import type { IssuerTokens } from "./sealed-tokens.ts";

/** What a browser keeps between being sent to the issuer and coming back. */
export interface SignInTransaction {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

/** Whom the issuer has named, and what to ask it again with. */
export interface Identified {
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly tokens: IssuerTokens;
}

type Granted = TokenEndpointResponse & TokenEndpointResponseHelpers;
const CALLBACK = "/auth/callback";

/** The server as a client of the issuer that people sign in at: code flow with PKCE, state and nonce. */
export class OidcClient {
  readonly #settings: OidcSettings;
  readonly #publicUrl: string;
  readonly #fetch: CustomFetch;
  /** The claim that the issuer must have said something of. */
  readonly #claim: string;
  #found: Promise<Configuration> | undefined;

  constructor(settings: OidcSettings, publicUrl: string, claim: string, permitted: PermittedAddresses) {
    this.#settings = settings;
    this.#publicUrl = publicUrl;
    this.#claim = claim;
    this.#fetch = permittedFetch(permitted, "the issuer");
  }

  /** Where to send a browser, and what it has to bring back. */
  async begin(returnTo: string): Promise<{ readonly url: URL; readonly transaction: SignInTransaction }> {
    const configuration = await this.#configuration();
    const transaction = {
      state: randomState(),
      nonce: randomNonce(),
      verifier: randomPKCECodeVerifier(),
      returnTo,
    };
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: `${this.#publicUrl}${CALLBACK}`,
      scope: this.#settings.scopes,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await calculatePKCECodeChallenge(transaction.verifier),
      code_challenge_method: "S256",
    });
    return { url, transaction };
  }

  /** Whom the issuer has named in the answer that a browser brings; one that is not good is `unauthenticated`. */
  async finish(answer: URLSearchParams, transaction: SignInTransaction): Promise<Identified> {
    const configuration = await this.#configuration();
    return this.#asking(async () => {
      const granted = await authorizationCodeGrant(
        configuration,
        new URL(`${this.#publicUrl}${CALLBACK}?${answer.toString()}`),
        {
          expectedState: transaction.state,
          expectedNonce: transaction.nonce,
          pkceCodeVerifier: transaction.verifier,
          idTokenExpected: true,
        },
      );
      const { sub: subject, ...claims } = granted.claims()!;
      return this.#identified(configuration, subject, claims, granted);
    });
  }

  /** What the issuer says of somebody now; undefined where it says nothing any more. */
  async again(subject: string, tokens: IssuerTokens): Promise<Identified | undefined> {
    const configuration = await this.#configuration();
    try {
      return await this.#asking(async () => {
        if (tokens.refresh !== undefined) {
          const granted = await refreshTokenGrant(configuration, tokens.refresh);
          const { sub = subject, ...claims } = granted.claims() ?? {};
          if (sub !== subject) throw new RequestRefused("unauthenticated", "the issuer names somebody else");
          return this.#identified(configuration, subject, claims, granted, tokens);
        }
        if (tokens.access === undefined) return undefined;
        return { subject, claims: await fetchUserInfo(configuration, tokens.access, subject), tokens };
      });
    } catch (error) {
      if (error instanceof RequestRefused) return undefined;
      throw error;
    }
  }

  /** An ID token often names no groups: they are asked for where it does not. */
  async #identified(
    configuration: Configuration,
    subject: string,
    claims: Readonly<Record<string, unknown>>,
    { access_token: access, refresh_token: refresh }: Granted,
    before: IssuerTokens = {},
  ): Promise<Identified> {
    const canAsk = configuration.serverMetadata().userinfo_endpoint !== undefined;
    const more =
      claims[this.#claim] === undefined && canAsk
        ? await fetchUserInfo(configuration, access, subject)
        : undefined;
    const kept = refresh ?? before.refresh;
    const tokens = kept === undefined ? { access } : { refresh: kept };
    return { subject, claims: { ...claims, ...more }, tokens };
  }

  #configuration(): Promise<Configuration> {
    this.#found ??= this.#discover().catch((error: unknown) => {
      // Asked again the next time.
      this.#found = undefined;
      throw this.#away(error);
    });
    return this.#found;
  }

  async #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const configuration = await discovery(
      new URL(issuer),
      clientId,
      clientSecret,
      clientSecret === undefined ? None() : undefined,
      {
        [customFetch]: this.#fetch,
        // On this machine: any other issuer without TLS is refused when the settings are read.
        execute: issuer.startsWith("http:") ? [allowInsecureRequests] : [],
      },
    );
    enableNonRepudiationChecks(configuration);
    return configuration;
  }

  async #asking<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RequestRefused) throw error;
      if (error instanceof ResponseBodyError && error.error === "invalid_client")
        throw this.#away(new SluiceError("invalid_input", UNKNOWN_CLIENT));
      if (!isRefusal(error)) throw this.#away(error);
      throw new RequestRefused(
        "unauthenticated",
        "the sign-in is not good, or took too long; sign in again: /auth/login",
      );
    }
  }

  #away(error: unknown): SluiceError {
    const { issuer } = this.#settings;
    const cause = error instanceof ClientError && error.cause instanceof SluiceError ? error.cause : error;
    return unavailable(`the issuer ${issuer} cannot be asked; try again in a moment`, { issuer }, cause);
  }
}

const UNKNOWN_CLIENT =
  "the issuer does not take SLUICE_OIDC_CLIENT_ID with SLUICE_OIDC_CLIENT_SECRET; they are those of the client that was made for this server there";

/** What the issuer has refused, or said wrongly; anything else is that it cannot be asked. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AuthorizationResponseError || error instanceof WWWAuthenticateChallengeError)
    return true;
  if (error instanceof ResponseBodyError) return error.status < 500;
  if (!(error instanceof ClientError) || error.code === "OAUTH_TIMEOUT") return false;
  if (error.cause instanceof Response) return error.cause.status < 500;
  return !(error.cause instanceof SluiceError);
}

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-expect-error The package has no types.
import { Provider as Untyped } from "oidc-provider";

/** What of the package is used here. */
interface Grant {
  addOIDCScope(scope: string): void;
  save(): Promise<string>;
}
interface Context {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: Provider;
  };
}
interface Provider {
  readonly Grant: new (of: { readonly clientId: string; readonly accountId: string }) => Grant;
  callback(): (request: unknown, response: unknown) => void;
  interactionFinished(request: unknown, response: unknown, result: object): Promise<void>;
}

export interface OidcIssuer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whoever signs in now is this one. */
  account: string;
  /** What it says of each account. */
  readonly people: Map<string, Readonly<Record<string, unknown>>>;
  /** Requests that it has answered, by path. */
  readonly asked: string[];
  /** Follows a browser from where the server sends it to where it comes back to. */
  signIn(location: string): Promise<URL>;
  /** Answers nothing any more, or again. */
  away(isAway: boolean): void;
  close(): Promise<void>;
}

const SCOPES = "openid email groups";

/** A real issuer on loopback, whose people type nothing: whoever is sent to it is `account`. */
export async function openOidcIssuer(redirectUri: string): Promise<OidcIssuer> {
  const asked: string[] = [];
  let isAway = false;
  let handle: (request: unknown, response: unknown) => void = () => undefined;
  const server: Server = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "";
    asked.push(path);
    if (isAway) return void response.writeHead(503).end();
    // Where a person would type a password.
    if (path.startsWith("/interaction/"))
      return void provider.interactionFinished(request, response, { login: { accountId: found.account } });
    handle(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ["sluice", "a secret of the issuer's client"];
  const provider = new (Untyped as new (issuer: string, configuration: object) => Provider)(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
      },
    ],
    scopes: SCOPES.split(" "),
    claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    cookies: { keys: ["of the tests"] },
    ttl: {
      Session: 3_600,
      Grant: 3_600,
      Interaction: 600,
      AccessToken: 3_600,
      IdToken: 600,
      RefreshToken: 3_600,
    },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    issueRefreshToken: async () => true,
    findAccount: (_: unknown, accountId: string) =>
      found.people.has(accountId)
        ? { accountId, claims: () => ({ sub: accountId, ...found.people.get(accountId) }) }
        : undefined,
    // The server is nobody that a person is asked about.
    async loadExistingGrant({ oidc }: Context) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope(SCOPES);
      await grant.save();
      return grant;
    },
  });
  handle = provider.callback();
  const found: OidcIssuer = {
    issuer,
    clientId,
    clientSecret,
    account: "ann",
    people: new Map(),
    asked,
    async signIn(location) {
      const cookies = new Map<string, string>();
      let at = new URL(location);
      while (at.origin === issuer) {
        const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
        const response = await fetch(at, { redirect: "manual", headers: { cookie } });
        for (const line of response.headers.getSetCookie()) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
          cookies.set(name!, value!);
        }
        const next = response.headers.get("location");
        if (next === null) throw new Error(`${response.status} ${await response.text()}`);
        at = new URL(next, at);
      }
      return at;
    },
    away: (is) => void (isAway = is),
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  return found;
}

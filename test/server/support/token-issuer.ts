import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, type CryptoKey } from "jose";

/** Where a server of the tests is said to be. */
export const PUBLIC_URL = "https://sluice.example";
const KID = "k1";

export interface TokenIssuer {
  readonly issuer: string;
  /** The public key, as whoever asks the issuer gets it. */
  readonly publicKey: CryptoKey;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** What it gives for any code. */
  idToken: string | undefined;
  /** Where it says that its keys are; its own place unless set. */
  keysAt: string | undefined;
  /** A token of the issuer. A claim that is undefined is left out. */
  sign(
    claims?: Readonly<Record<string, unknown>>,
    how?: { readonly key?: CryptoKey; readonly kid?: string },
  ): Promise<string>;
  close(): Promise<void>;
}

/** Claims of a job of GitHub Actions, as GitHub documents them. */
export const GITHUB_JOB = {
  sub: "repo:octo/prompts:ref:refs/heads/main",
  repository: "octo/prompts",
  repository_id: "7412",
  ref: "refs/heads/main",
  event_name: "push",
  run_id: "991",
  run_attempt: "1",
} as const;
/** Where a job of GitHub Actions asks for tokens of its own, as its runner names it. */
export interface JobTokens {
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

/** Stands for what GitHub has a job ask: gives tokens of the issuer for this audience, to this job alone. */
export async function openJobTokens(
  issuer: TokenIssuer,
  audience: string,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<JobTokens> {
  const server = createServer((request, response) => {
    const asked = new URL(request.url!, "http://github");
    const isJob =
      request.headers.authorization === "Bearer of-the-job" &&
      asked.searchParams.get("audience") === audience;
    void issuer
      .sign({ aud: audience, ...claims })
      .then((value) =>
        response
          .writeHead(isJob ? 200 : 403, { "content-type": "application/json" })
          .end(JSON.stringify(isJob ? { value } : {})),
      );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-job",
    },
    close: () => void server.close(),
  };
}

/** Claims of a GitLab job, as GitLab documents them. */
export const GITLAB_JOB = {
  sub: "project_path:octo/prompts:ref_type:branch:ref:main",
  project_id: "22",
  project_path: "octo/prompts",
  ref: "main",
  ref_type: "branch",
  pipeline_id: "552",
  pipeline_source: "push",
} as const;

/** An issuer of tokens on loopback: its metadata, its keys, and tokens that it has signed. */
export async function openTokenIssuer(claims: JWTPayload = GITHUB_JOB): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: KID, alg: "RS256", use: "sig" }] };
  const asked: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    asked.push(url);
    const body =
      url === "/jwks"
        ? jwks
        : url === "/token"
          ? { access_token: "a", token_type: "bearer", id_token: found.idToken }
          : {
              issuer,
              jwks_uri: found.keysAt ?? `${issuer}/jwks`,
              authorization_endpoint: `${issuer}/authorize`,
              token_endpoint: `${issuer}/token`,
            };
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const found: TokenIssuer = {
    issuer,
    publicKey,
    asked,
    idToken: undefined,
    keysAt: undefined,
    sign(own = {}, { key = privateKey, kid = KID } = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const standard = { iss: issuer, aud: PUBLIC_URL, jti: randomUUID(), iat: now, exp: now + 300 };
      const payload = JSON.parse(JSON.stringify({ ...standard, ...claims, ...own })) as JWTPayload;
      return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid }).sign(key);
    },
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  return found;
}

import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readWorkloadIssuers } from "../../src/domain/access/ci-platforms.ts";
import { assertTrustRule } from "../../src/domain/access/trust-rule.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import { WorkloadTokens } from "../../src/server/auth/workload-tokens.ts";
import {
  GITHUB_JOB,
  GITLAB_JOB,
  openTokenIssuer,
  PUBLIC_URL,
  type TokenIssuer,
} from "./support/token-issuer.ts";

let github: TokenIssuer;
let gitlab: TokenIssuer;
let tokens: WorkloadTokens;
const verifier = (allow = "127.0.0.1") =>
  new WorkloadTokens(
    PUBLIC_URL,
    readWorkloadIssuers(`github=${github.issuer}, gitlab=${gitlab.issuer}`),
    readPermittedAddresses(allow),
  );
beforeAll(async () => {
  [github, gitlab] = await Promise.all([openTokenIssuer(), openTokenIssuer(GITLAB_JOB)]);
  tokens = verifier();
});
afterAll(() => Promise.all([github.close(), gitlab.close()]));

const now = () => Math.floor(Date.now() / 1_000);
const payload = { ...GITHUB_JOB, aud: PUBLIC_URL, jti: "j" };

describe("a CI job's token", () => {
  it("is good when its issuer has signed it for this server; the issuer's keys are asked for once", async () => {
    const [job] = await Promise.all([
      github.sign().then((token) => tokens.verify(token)),
      github.sign().then((token) => tokens.verify(token)),
    ]);
    expect(job).toMatchObject({ iss: github.issuer, repository_id: "7412", run_id: "991" });
    await expect(gitlab.sign().then((token) => tokens.verify(token))).resolves.toMatchObject({
      project_id: "22",
    });
    expect(github.asked).toEqual(["/.well-known/openid-configuration", "/jwks"]);
  });

  const bad: readonly [what: string, told: RegExp, token: () => Promise<string> | string][] = [
    [
      "for another audience",
      /another audience; ask for one for https:\/\/sluice\.example$/,
      () => github.sign({ aud: "https://elsewhere.example" }),
    ],
    ["for nobody", /another audience/, () => github.sign({ aud: undefined })],
    ["that has expired", /expired/, () => github.sign({ iat: now() - 400, exp: now() - 100 })],
    [
      "that is older than ten minutes",
      /older than 10 minutes/,
      () => github.sign({ iat: now() - 700, exp: now() + 3_600 }),
    ],
    ["without an end", /claim exp/, () => github.sign({ exp: undefined })],
    ["without a beginning", /claim iat/, () => github.sign({ iat: undefined })],
    ["without an id of its own", /claim jti/, () => github.sign({ jti: undefined })],
    ["without its repository's id", /claim repository_id/, () => github.sign({ repository_id: undefined })],
    ["without a run", /claim run_id/, () => github.sign({ run_id: undefined })],
    [
      "that claims to be of another kind of issuer",
      /claim repository_id/,
      () => github.sign({ ...GITLAB_JOB, repository_id: undefined }),
    ],
    [
      "signed with another key of the same name",
      /not signed with a key/,
      async () => github.sign({}, { key: (await generateKeyPair("RS256")).privateKey }),
    ],
    ["signed with a key of another name", /not signed with a key/, () => github.sign({}, { kid: "k2" })],
    [
      "that is not signed",
      /no signed token|not signed with RS256/,
      () =>
        new UnsecuredJWT({ ...payload, iss: github.issuer }).setIssuedAt().setExpirationTime("5m").encode(),
    ],
    [
      "that is signed with the public key as a secret",
      /not signed with RS256/,
      async () =>
        new SignJWT({ ...payload, iss: github.issuer })
          .setProtectedHeader({ alg: "HS256", kid: "k1" })
          .setIssuedAt()
          .setExpirationTime("5m")
          .sign(new TextEncoder().encode(await exportSPKI(github.publicKey))),
    ],
    [
      "of an issuer that nobody has named",
      /not taken here.*SLUICE_WORKLOAD_ISSUERS/,
      () => github.sign({ iss: "https://issuer.example" }),
    ],
    [
      "of an issuer that is spelled otherwise",
      /not taken here/,
      () => github.sign({ iss: `${github.issuer}/` }),
    ],
    ["that is none", /no signed token/, () => "eyJhbGciOiJub25lIn0.e30."],
    ["that is no text of one", /no signed token/, () => "x"],
  ];
  it.each(bad)("%s is refused", async (_, told, token) => {
    await expect(tokens.verify(await token())).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringMatching(told),
    });
  });

  it("is not verified with keys from where nothing is asked for, or from beside the issuer", async () => {
    const before = github.asked.length;
    const token = await github.sign();
    // Not of the internet, and not allowed.
    await expect(verifier("").verify(token)).rejects.toMatchObject({
      code: "unavailable",
      cause: { code: "forbidden", message: expect.stringMatching(/loopback.*where the server runs/) },
    });
    expect(github.asked.length).toBe(before);
    for (const keysAt of [`${gitlab.issuer}/jwks`, "file:///etc/passwd", "x"]) {
      github.keysAt = keysAt;
      await expect(verifier().verify(token), keysAt).rejects.toMatchObject({ code: "unavailable" });
    }
    expect(gitlab.asked.filter((path) => path === "/jwks")).toHaveLength(1);
    github.keysAt = undefined;
    await expect(verifier().verify(token)).resolves.toMatchObject({ repository_id: "7412" });
  });
});

describe("issuers and trust rules that cannot be", () => {
  it.each([
    "https://gitlab.example",
    "bitbucket=https://x.example",
    "gitlab=gitlab.example",
    "gitlab=http://gitlab.example",
    "github=https://me:pw@x.example",
  ])("SLUICE_WORKLOAD_ISSUERS=%s is refused", (text) =>
    expect(() => readWorkloadIssuers(text)).toThrow(/SLUICE_WORKLOAD_ISSUERS/),
  );

  const rule = { name: "ci", platform: "github", role: "editor", match: { repository_id: "1" } } as const;
  it.each([
    [{ ...rule, name: "CI job" }, /name "CI job"/],
    [{ ...rule, match: { ref: "refs/heads/main" } }, /no repository_id/],
    [{ ...rule, match: { project_id: "1" } }, /no repository_id/],
    [{ ...rule, match: { repository_id: "1", actor: "ann" } }, /"actor" is nothing/],
    [{ ...rule, issuer: "http://ghe.example" }, /no issuer's address/],
    [{ ...rule, grants: { labels: ["no label"] } }, /label/],
  ])("%j is refused", (given, told) => expect(() => assertTrustRule(given)).toThrow(told));
});

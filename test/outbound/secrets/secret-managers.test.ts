import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { loadConfig, loadKeyVariable, loadReferenced } from "../../../src/config.ts";
import { readManagedSecret } from "../../../src/domain/addresses/managed-secret.ts";
import { fetchSecret } from "../../../src/outbound/secrets/fetch-secret.ts";
import { readGcpSecret } from "../../../src/outbound/secrets/gcp.ts";

const SECRET = "sk-much-too-secret";
const VAULT_TOKEN = "hvs.token-of-the-test";

/** Answers as Vault, AWS Secrets Manager, and Google's Secret Manager and metadata server do, by their documented interfaces. */
function answer(request: IncomingMessage, body: string): [status: number, body: unknown] {
  const { url = "", headers } = request;
  if (url.startsWith("/v1/projects/")) {
    if (headers.authorization !== "Bearer google-token") return [401, {}];
    const data = Buffer.from(url.includes("json") ? JSON.stringify({ key: SECRET }) : SECRET).toString(
      "base64",
    );
    return url.includes("/secrets/none/") ? [404, {}] : [200, { payload: { data } }];
  }
  if (url.startsWith("/computeMetadata/v1/instance/service-accounts/default/token"))
    return [200, { access_token: "google-token", expires_in: 3600, token_type: "Bearer" }];
  if (url.startsWith("/computeMetadata/")) return [200, "x"];
  if (url.startsWith("/v1/")) {
    if (headers["x-vault-token"] !== VAULT_TOKEN) return [403, { errors: ["permission denied"] }];
    const data = VAULT[url];
    return data ? [200, { data: { data, metadata: { version: 3 } } }] : [404, { errors: [] }];
  }
  const isSigned = (headers.authorization ?? "").startsWith("AWS4-HMAC-SHA256 Credential=AKID/");
  if (headers["x-amz-target"] !== "secretsmanager.GetSecretValue" || !isSigned) return [403, {}];
  const { SecretId } = JSON.parse(body) as { SecretId: string };
  if (SecretId === "none") return [400, { __type: "ResourceNotFoundException", message: "none" }];
  return [
    200,
    { Name: SecretId, SecretString: SecretId.includes("json") ? JSON.stringify({ key: SECRET }) : SECRET },
  ];
}

const VAULT: Readonly<Record<string, unknown>> = {
  "/v1/secret/data/sluice/openai": { key: SECRET, other: "x" },
  "/v1/kv/data/database": { url: "postgres://u:pw@db.example/sluice" },
};

describe("a secret that a manager keeps", () => {
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += String(part)));
      request.on("end", () => {
        const [status, said] = answer(request, body);
        response.writeHead(status, { "content-type": "application/json", "metadata-flavor": "Google" });
        response.end(typeof said === "string" ? said : JSON.stringify(said));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  afterEach(() => vi.unstubAllEnvs());
  const vault = (more = {}) => ({ VAULT_ADDR: base, VAULT_TOKEN, ...more });

  it("is read from Vault wherever a secret may stand, and nothing is asked where none does", async () => {
    const env = vault({
      DATABASE_URL: "vault:kv/database",
      OPENAI_API_KEY: "vault:secret/sluice/openai#key",
      OPENAI_BASE_URL: "https://models.example/v1",
    });
    const config = await loadConfig(env, "/");
    expect(config.databaseUrl).toBe("postgres://u:pw@db.example/sluice");
    expect(config.openai.apiKey).toBe(SECRET);
    expect(config.openai.baseUrl).toBe("https://models.example/v1");
    expect(await loadKeyVariable("MISTRAL", vault({ MISTRAL: "vault:secret/sluice/openai#key" }))).toBe(
      SECRET,
    );
    expect(await loadReferenced("vault:secret/sluice/openai#key", vault())).toBe(SECRET);
    expect(await loadReferenced("env:HOOK", vault({ HOOK: "vault:secret/sluice/openai#key" }))).toBe(SECRET);
    expect(
      (await loadConfig({ OPENAI_API_KEY: SECRET, VAULT_ADDR: "http://127.0.0.1:9" }, "/")).openai.apiKey,
    ).toBe(SECRET);
  });

  it.each([
    ["vault:secret/sluice/none#key", {}, "no such secret in a KV of version 2"],
    ["vault:secret/sluice/openai#none", {}, "it has no field none"],
    ["vault:secret/sluice/openai", {}, "it has 2 fields; say which with #FIELD"],
    ["vault:secret/sluice/openai#key", { VAULT_TOKEN: "other-SECRET" }, "refuses the token"],
    ["vault:secret/sluice/openai#key", { VAULT_ADDR: "http://127.0.0.1:9" }, "cannot be reached ("],
    ["vault:secret/sluice/openai#key", { VAULT_ADDR: undefined }, "VAULT_ADDR and VAULT_TOKEN"],
    ["vault:secret/../sys#key", {}, "is no address of a secret"],
    ["vault:secret", {}, "is no address of a secret"],
    ["gcp:sluice", {}, "is no address of a secret"],
  ])("that cannot be had is said of %s, without what is secret", async (reference, more, problem) => {
    const failing = loadConfig(vault({ OPENAI_API_KEY: reference, ...more }), "/");
    const error = await failing.then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).toContain(problem);
    expect(JSON.stringify([error, error?.message])).not.toMatch(/SECRET|hvs\./);
  });

  it("is read from AWS with the SDK's own login, whole or a field of it", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", base);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKID");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "aws-secret");
    vi.stubEnv("AWS_REGION", "eu-central-1");
    const read = (reference: string) => fetchSecret(reference, () => undefined);
    expect(await read("aws:prod/openai")).toBe(SECRET);
    expect(await read("aws:arn:aws:secretsmanager:eu-west-1:1:secret:json-AbC#key")).toBe(SECRET);
    await expect(read("aws:none")).rejects.toThrow(
      /aws:none: AWS Secrets Manager says ResourceNotFoundException/,
    );
    await expect(read("aws:prod/openai#key")).rejects.toThrow(/it is no JSON object/);
  });

  it("is read from Google Cloud with the login of the machine", async () => {
    vi.stubEnv("GCE_METADATA_HOST", base.slice("http://".length));
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    const read = (reference: string) => {
      const secret = readManagedSecret(reference);
      if (secret?.manager !== "gcp") throw new Error(reference);
      return readGcpSecret(reference, secret, base);
    };
    expect(await read("gcp:projects/p/secrets/openai")).toBe(SECRET);
    expect(await read("gcp:projects/p/secrets/json/versions/3#key")).toBe(SECRET);
    await expect(read("gcp:projects/p/secrets/none")).rejects.toThrow(/answers 404; check its name/);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { claudeAt } from "../../src/domain/models/claude-names.ts";
import { framed } from "../../src/local/model-server/event-stream-frames.ts";
import { type ModelServer, startModelServer } from "../../src/local/model-server/server.ts";
import type { CallEndpoint, CompletionCall } from "../../src/providers/completion.ts";
import type { CloudAddressing } from "../../src/providers/configured-provider.ts";
import { createProviders, type Providers } from "../../src/providers/create-providers.ts";
import type { ConfiguredSettings } from "../../src/providers/reach.ts";
import { planInvocation } from "../../src/invoke/plan-invocation.ts";
import { readyToTry } from "../../src/use-cases/try-prompt.ts";
import { calling, supportPrompt } from "../invoke/support/calling.ts";
import { text, wireServer } from "./wire-server.ts";

const KEY = "bedrock-api-key-0123456789";
const TOKEN = "ya29.token-of-the-machine-0123456789";
const AWS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const HAIKU = "eu.anthropic.claude-haiku-4-5-20251001-v1:0";

const call = (provider: string, model: string): CompletionCall => ({
  target: { provider, model },
  request: { messages: [{ role: "user", content: "How do I reset my password?" }], max_tokens: 200 },
});

function providersAt(
  url: string,
  more: { apiKey?: string; models?: Record<string, string> } = {},
): Providers {
  const { apiKey, models = {} } = more;
  const shared = { drops: [], renames: {}, apiKey };
  const bedrock: ConfiguredSettings = {
    ...shared,
    protocol: "bedrock-anthropic",
    baseURL: url,
    cloud: { region: "eu-central-1", models },
  };
  const vertex: ConfiguredSettings = {
    ...shared,
    protocol: "vertex-anthropic",
    baseURL: `${url}/v1`,
    cloud: { region: "europe-west1", project: "shop", models },
  };
  return createProviders({ configured: { bedrock, vertex }, maxRetries: 0 });
}

const failing = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: Error & { readonly details: Readonly<Record<string, unknown>> }) => error,
  );

/** All that an error says and holds. */
const wholeOf = (error: Error) => `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "sluice-clouds-"));
});
afterAll(() => rm(home, { recursive: true }));
beforeEach(() => {
  // Nothing of the machine's own.
  for (const name of Object.keys(process.env))
    if (/^(?:AWS|GOOGLE|GCLOUD|GCE)_/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", home);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
});
afterEach(() => vi.unstubAllEnvs());

describe("Claude at Bedrock", () => {
  let model: ModelServer;
  beforeAll(async () => {
    model = await startModelServer({ requireSignature: AWS });
  });
  afterAll(() => model.stop());

  it("is asked with a signature of the login that AWS's libraries find, whole and as a stream", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", AWS.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", AWS.secretAccessKey);
    const providers = providersAt(model.url);
    const whole = await providers.complete(call("bedrock", HAIKU));
    let told = "";
    const streamed = await providers.stream(call("bedrock", HAIKU), { onText: (piece) => (told += piece) });
    expect(whole.text).toContain("password");
    expect(streamed).toMatchObject({ text: whole.text, usage: whole.usage, costUsd: whole.costUsd });
    expect(told).toBe(whole.text);
    expect(model.requests().map(({ path }) => path)).toEqual([
      `/model/${HAIKU}/invoke`,
      `/model/${HAIKU}/invoke-with-response-stream`,
    ]);
    await providers.reach(call("bedrock", HAIKU).target, AbortSignal.timeout(10_000));
  });

  it("is refused with another login, and says what to do and no secret", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", AWS.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another-secret-0123456789");
    const providers = providersAt(model.url);
    const { target } = call("bedrock", HAIKU);
    for (const work of [
      () => providers.complete(call("bedrock", HAIKU)),
      () => providers.stream(call("bedrock", HAIKU), { onText: () => undefined }),
      () => providers.reach(target, AbortSignal.timeout(10_000)),
    ]) {
      const error = await failing(work());
      expect(error.details["kind"]).toBe("auth");
      expect(error.message).toMatch(/signature does not match.*log in to AWS .* or name a key: bedrock\.key/);
      expect(wholeOf(error)).not.toContain("another-secret");
    }
  });

  it("is asked with a key of its own where there is one", async () => {
    const keyed = await startModelServer({ requireKey: KEY });
    const { text: said } = await providersAt(keyed.url, { apiKey: KEY }).complete(call("bedrock", HAIKU));
    expect(said).toContain("password");
    const error = await failing(providersAt(keyed.url, { apiKey: "wrong" }).complete(call("bedrock", HAIKU)));
    expect(error.details["kind"]).toBe("auth");
    await keyed.stop();
  });

  it("says that there is no login where there is none", async () => {
    const error = await failing(providersAt(model.url).complete(call("bedrock", HAIKU)));
    expect(error.details["kind"]).toBe("no_key");
    expect(error.message).toMatch(/there is no login to AWS here; log in to AWS/);
  });

  it("is told nothing of the login at an address that a case names", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", AWS.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", AWS.secretAccessKey);
    vi.stubEnv("AWS_SESSION_TOKEN", "session-token-0123456789");
    await using other = await wireServer(text(500, "{}", { "content-type": "application/json" }));
    const { request } = call("bedrock", HAIKU);
    const at = (endpoint: CallEndpoint) =>
      failing(
        providersAt(model.url).complete({ target: { provider: "bedrock", model: HAIKU, endpoint }, request }),
      );
    await at({ baseURL: other.url, apiKey: "its-own" });
    await at({ baseURL: other.url });
    // Nor is there any need of one.
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    await at({ baseURL: other.url });
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer its-own",
      undefined,
      undefined,
    ]);
    expect(JSON.stringify(other.requests)).not.toMatch(/session-token|AKIDEXAMPLE|x-amz/);
  });

  it.each([
    ["in the middle of a message", 20],
    ["between two messages", 0],
  ])("has not answered where a stream ends %s", async (_, cut) => {
    const begun = framed(
      `data: ${JSON.stringify({ type: "message_start", message: { model: "m", usage: { input_tokens: 3, output_tokens: 0 } } })}`,
    );
    const said = framed(
      `data: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } })}`,
    );
    const bytes = Buffer.concat([begun, said, said.subarray(0, cut)]);
    await using broken = await wireServer((response) =>
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" }).end(bytes),
    );
    let told = "";
    const providers = providersAt(broken.url, { apiKey: KEY });
    const error = await failing(
      providers.stream(call("bedrock", HAIKU), { onText: (piece) => (told += piece) }),
    );
    expect(error.details["kind"]).toBe("interrupted");
    expect(told).toBe("Hello");
  });

  it.each([
    [400, "Input is too long for requested model.", "too_long"],
    [400, "The provided model identifier is invalid.", "model"],
    [404, "Could not resolve the foundation model", "model"],
    [403, "You don't have access to the model with the specified model ID.", "auth"],
    [424, "The model returned an error.", "server"],
    [429, "Too many tokens, please wait before trying again.", "rate_limit"],
    [503, "Bedrock is unable to process your request.", "server"],
  ])("that answers %i (%s) is understood: %s", async (status, message, kind) => {
    await using server = await wireServer(
      text(status, JSON.stringify({ message }), { "content-type": "application/json" }),
    );
    const error = await failing(providersAt(server.url, { apiKey: KEY }).complete(call("bedrock", HAIKU)));
    expect(error.details["kind"]).toBe(kind);
    expect(error.message).toContain(message);
  });
});

describe("Claude at Vertex AI", () => {
  it("is asked with the login of the machine, whole and as a stream", async () => {
    const model = await startModelServer({ requireKey: TOKEN });
    await using metadata = await metadataServer();
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    vi.stubEnv("GCE_METADATA_HOST", metadata.url.replace("http://", ""));
    const providers = providersAt(model.url, { models: { "claude-haiku-4-5": "claude-haiku-4-5@20251001" } });
    const asked = call("vertex", "claude-haiku-4-5");
    const whole = await providers.complete(asked);
    const streamed = await providers.stream(asked, { onText: () => undefined });
    expect(whole.text).toContain("password");
    expect(streamed).toMatchObject({ text: whole.text, usage: whole.usage, costUsd: whole.costUsd });
    const place = "/v1/projects/shop/locations/europe-west1/publishers/anthropic/models";
    expect(model.requests().map(({ path }) => path)).toEqual([
      `${place}/claude-haiku-4-5@20251001:rawPredict`,
      `${place}/claude-haiku-4-5@20251001:streamRawPredict`,
    ]);
    await providers.reach(asked.target, AbortSignal.timeout(10_000));
    await model.stop();
  });

  it("is called off at once while a login is looked for, whole and as a stream", async () => {
    const asked = Promise.withResolvers<void>();
    let isLookedFor = true;
    await using silent = await wireServer((response) => {
      response.on("close", () => (isLookedFor = false));
      asked.resolve();
    });
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    vi.stubEnv("GCE_METADATA_HOST", silent.url.replace("http://", ""));
    const providers = providersAt("http://127.0.0.1:9");
    const stop = new AbortController();
    const asking = { ...call("vertex", "claude-haiku-4-5"), signal: stop.signal };
    const works = [providers.complete(asking), providers.stream(asking, { onText: () => undefined })].map(
      failing,
    );
    await asked.promise;
    stop.abort();
    for (const work of works) expect((await work).details["kind"]).toBe("cancelled");
    expect(isLookedFor).toBe(true);
  });

  it("never shows the token, though the endpoint repeats it", async () => {
    await using metadata = await metadataServer();
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    vi.stubEnv("GCE_METADATA_HOST", metadata.url.replace("http://", ""));
    await using echo = await wireServer((response, { headers }) =>
      response
        .writeHead(400, { "content-type": "application/json" })
        .end(JSON.stringify({ error: { message: `you sent ${headers.authorization}` } })),
    );
    const providers = providersAt(echo.url);
    for (const work of [
      () => providers.complete(call("vertex", "claude-haiku-4-5")),
      () => providers.stream(call("vertex", "claude-haiku-4-5"), { onText: () => undefined }),
    ]) {
      const error = await failing(work());
      expect(error.message).toContain("you sent");
      expect(wholeOf(error)).not.toContain(TOKEN);
    }
  });

  it("says that there is no login where there is none, and nothing of a file that is not one", async () => {
    const file = join(home, "credentials.json");
    await writeFile(file, "very-secret-private-key");
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", file);
    const error = await failing(
      providersAt("http://127.0.0.1:9").complete(call("vertex", "claude-haiku-4-5")),
    );
    expect(error.details["kind"]).toBe("no_key");
    expect(error.message).toMatch(/there is no login to Google Cloud here; log in to Google Cloud/);
    expect(wholeOf(error)).not.toContain("very-secret");
  });
});

/** What a machine of Google's asks for its token. */
function metadataServer() {
  const token = JSON.stringify({ access_token: TOKEN, expires_in: 3_600, token_type: "Bearer" });
  return wireServer(text(200, token, { "content-type": "application/json", "metadata-flavor": "Google" }));
}

describe("the price of a Claude at a cloud", () => {
  const priceAt = (provider: string, model: string, cloud: CloudAddressing) =>
    createProviders({
      configured: {
        [provider]: { protocol: "bedrock-anthropic", baseURL: "https://a", cloud, drops: [], renames: {} },
      },
      prices: {
        "anthropic/claude-haiku-4-5": { input: 1, output: 5, cached_input: 0.1, cache_write: 1.25 },
        "own/claude-haiku-4-5": { input: 7, output: 7 },
      },
    }).priceOf({ provider, model });
  const bedrock = (region = "eu-central-1", models = {}) => ({ region, models });

  it.each([
    ["anthropic.claude-haiku-4-5-20251001-v1:0", bedrock(), 1],
    ["global.anthropic.claude-haiku-4-5-20251001-v1:0", bedrock(), 1],
    [HAIKU, bedrock(), 1.1],
    ["us-gov.anthropic.claude-haiku-4-5-20251001-v1:0", bedrock("us-gov-west-1"), 1.2],
    ["anthropic.claude-haiku-4-5-20251001-v1:0", bedrock("us-gov-west-1"), 1.2],
    ["claude-haiku-4-5", bedrock("eu-central-1", { "claude-haiku-4-5": HAIKU }), 1.1],
    ["claude-haiku-4-5@20251001", { region: "global", project: "p", models: {} }, 1],
    ["claude-haiku-4-5@20251001", { region: "europe-west1", project: "p", models: {} }, 1.1],
  ])("%s is Anthropic's, and what the place adds", (model, cloud, factor) => {
    const price = priceAt("cloud", model, cloud)!;
    expect(price.input).toBeCloseTo(factor, 12);
    expect(price.output).toBeCloseTo(5 * factor, 12);
    expect(price.cached_input).toBeCloseTo(0.1 * factor, 12);
    expect(price.cache_write).toBeCloseTo(1.25 * factor, 12);
  });

  it("is what a file says, where one does, and unknown where Anthropic's is", () => {
    expect(priceAt("own", "claude-haiku-4-5", bedrock())).toEqual({ input: 7, output: 7 });
    expect(priceAt("cloud", "anthropic.claude-unheard-of", bedrock())).toBeUndefined();
  });

  it("is found by the name that Anthropic has", () => {
    expect(
      [
        "bedrock/eu.anthropic.claude-haiku-4-5-20251001-v1:0",
        "vertex/claude-haiku-4-5@20251001",
        "bedrock/us.anthropic.claude-opus-4-6-v1",
        "vertex/claude-opus-4-8@default",
        "anthropic/claude-opus-4-8",
      ].map(claudeAt),
    ).toEqual([
      "anthropic/claude-haiku-4-5-20251001",
      "anthropic/claude-haiku-4-5-20251001",
      "anthropic/claude-opus-4-6",
      "anthropic/claude-opus-4-8",
      "anthropic/claude-opus-4-8",
    ]);
  });
});

describe("what would be sent to a Claude of a configured provider", () => {
  const artifact = supportPrompt({ model: `bedrock/${HAIKU}` });
  const system = [{ type: "text", text: expect.any(String) as string }];

  it("is in Anthropic's words and at its price where a call is planned", async () => {
    await using world = await calling("http://127.0.0.1:9");
    world.serve(artifact);
    const served = await world.resolver.resolve({ prompt: "support" });
    const variables = { question: "And now?" };
    const { targets } = planInvocation(served, { variables }, providersAt("https://bedrock.example"));
    expect(targets).toMatchObject([{ endpoint: "https://bedrock.example", request: { system } }]);
    expect(targets[0]!.mostUsd).toBeGreaterThan(0);
  });

  it("is in Anthropic's words where it is tried", () => {
    const tried = { prompt: "support", of: { version: 1 }, values: { question: "And now?" } };
    const { call: ready } = readyToTry(artifact, tried, providersAt("https://bedrock.example"));
    expect(ready.request).toMatchObject({ system });
  });
});

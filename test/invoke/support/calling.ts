import { createInvoker, type Invoker, type InvokerOptions } from "../../../src/invoke/index.ts";
import { createResolver, MemorySource, type Resolver } from "../../../src/resolver/index.ts";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import type { OutcomeRecord } from "../../../src/resolver/sources/source.ts";

export const KEY = "sk-test-0123456789abcdef";

/** A prompt that the scripted model answers: a support assistant, with one variable. */
export function supportPrompt(more: Partial<Artifact> = {}): Artifact {
  return {
    syntax: "jinja",
    model: "openai/gpt-5.4-mini",
    params: { max_tokens: 200 },
    variables: { question: { type: "string", required: true, untrusted: true } },
    messages: [
      { role: "system", content: "You answer questions of customers about Kettle. Be brief." },
      { placeholder: "history" },
      { role: "user", content: "{{ question }}" },
    ],
    ...more,
  };
}

/** A resolver over a store in memory, and an invoker whose models are at `url`. */
export interface Calling extends AsyncDisposable {
  readonly source: MemorySource;
  readonly resolver: Resolver;
  readonly invoker: Invoker;
  /** Makes this what `support` serves. */
  serve(artifact: Artifact): string;
  /** What has been recorded. */
  outcomes(): Promise<readonly OutcomeRecord[]>;
}

export async function calling(url: string, options: Partial<InvokerOptions> = {}): Promise<Calling> {
  const source = new MemorySource();
  const resolver = await createResolver({
    source,
    onWarning: () => undefined,
    recording: { flushMs: 1 },
  });
  const invoker = createInvoker({
    resolver,
    providers: {
      openai: { apiKey: KEY, baseURL: `${url}/v1` },
      anthropic: { apiKey: KEY, baseURL: url },
      configured: {
        local: { protocol: "openai-chat", baseURL: `${url}/v1`, drops: [], renames: {} },
        azure: {
          protocol: "azure-openai",
          baseURL: `${url}/openai`,
          apiKey: KEY,
          azure: { apiVersion: "2026-05-01", deployments: { "gpt-5.4-mini": "prod-mini" } },
          drops: [],
          renames: {},
        },
        passed: { protocol: "anthropic-messages", baseURL: url, apiKey: KEY, drops: [], renames: {} },
        bedrock: {
          protocol: "bedrock-anthropic",
          baseURL: url,
          apiKey: KEY,
          cloud: { region: "eu-central-1", models: {} },
          drops: [],
          renames: {},
        },
        vertex: {
          protocol: "vertex-anthropic",
          baseURL: `${url}/v1`,
          apiKey: KEY,
          cloud: { region: "europe-west1", project: "shop", models: {} },
          drops: [],
          renames: {},
        },
      },
    },
    ...options,
  });
  return {
    source,
    resolver,
    invoker,
    serve(artifact) {
      const id = source.addVersion("support", artifact);
      source.setPointer({ label: "production", prompt: "support" }, { active: id });
      resolver.invalidate();
      return id;
    },
    async outcomes() {
      await resolver.flush();
      return source.outcomes;
    },
    async [Symbol.asyncDispose]() {
      await invoker.close();
      await resolver.close();
    },
  };
}

import {
  createProviders,
  type Providers,
  type ProvidersOptions,
} from "../../src/providers/create-providers.ts";
import { chatAnswer, wireServer, type WireAnswer, type WireServer } from "../providers/wire-server.ts";

export interface ScriptedModel extends AsyncDisposable {
  readonly providers: Providers;
  readonly server: WireServer;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { role: string; content: string }[];
  readonly response_format?: unknown;
}

/**
 * A model whose answer is a function of the request and of how many came before, behind the real OpenAI SDK.
 * An answer that is a function is sent as it is, for the ways an endpoint can be broken.
 */
export async function scriptedModel(
  answer: (request: ChatRequest, index: number) => string | WireAnswer,
  options: ProvidersOptions | ((url: string) => ProvidersOptions) = {},
): Promise<ScriptedModel> {
  let index = 0;
  const server = await wireServer((response, request, body) => {
    const said = answer(JSON.parse(body) as ChatRequest, index++);
    (typeof said === "string" ? chatAnswer(said) : said)(response, request, body);
  });
  const providers = createProviders({
    openai: { apiKey: "k", baseURL: `${server.url}/v1` },
    retry: { baseDelayMs: 1 },
    maxRetries: 1,
    ...(typeof options === "function" ? options(server.url) : options),
  });
  return { providers, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Whether a request is one to a judge. */
export function asksJudge(request: ChatRequest): boolean {
  return request.response_format !== undefined;
}

export function said(request: ChatRequest): string {
  return request.messages.map(({ content }) => content).join("\n");
}

import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { SluiceError, unavailable } from "../../domain/errors.ts";
import { anthropicMessage, messageEvents, readMessagesRequest } from "./anthropic-wire.ts";
import {
  type Behaviour,
  DEFAULT_BEHAVIOUR,
  WRONG_ANSWER,
  behaviourFor,
  drawAttempt,
  isBreaking,
} from "./behaviour.ts";
import { anthropicBody, type CloudCall, cloudCall, loginProblem } from "./cloud-wire.ts";
import { brokenReply, sendAnswer, type WireAnswer } from "./send-answer.ts";
import { embed } from "./embedding.ts";
import { sendFault, sendProblem, sendRefusedLogin } from "./faults.ts";
import { type ModelReply, type ModelRequest, countTokens, requestText } from "./model-request.ts";
import { AZURE_FIRST_CHUNK, chatChunks, chatCompletion, readChatRequest } from "./openai-wire.ts";
import { replyTo } from "./reply.ts";
import { type LoggedRequest, RequestLog } from "./request-log.ts";
import { hashText } from "./seeded-random.ts";
import type { AwsKey } from "./signature-v4.ts";
import { list, optionalNumber, record } from "./wire-reading.ts";

export interface StartModelServerOptions extends Partial<Behaviour> {
  /** A free one by default; 0 means the same. */
  readonly port?: number;
  /** When given, a request with another key is answered with 401. */
  readonly requireKey?: string;
  /** When given, what is signed for Bedrock has to be signed with it. */
  readonly requireSignature?: AwsKey;
}

export interface ModelServer {
  /** Without `/v1`: OPENAI_BASE_URL is this plus `/v1`, ANTHROPIC_BASE_URL is this. */
  readonly url: string;
  readonly port: number;
  /** What was asked and answered, oldest first; the last 10,000. */
  requests(): readonly LoggedRequest[];
  stop(): Promise<void>;
}

/**
 * Starts the scripted model on the loopback address: OpenAI's chat completions and embeddings, Anthropic's
 * messages, and these as Azure, Bedrock and Vertex AI have them. What it says depends on the request and the seed alone. Fails with `unavailable` when the port is taken.
 */
export async function startModelServer(options: StartModelServerOptions = {}): Promise<ModelServer> {
  const { port = 0, requireKey, requireSignature, ...given } = options;
  const keys = { key: requireKey, aws: requireSignature };
  const model = new ScriptedModel({ ...DEFAULT_BEHAVIOUR, ...given }, keys);
  const server = createServer((request, response) => {
    model.handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) sendProblem(response, request.url ?? "", error);
      else response.destroy();
    });
  });
  // A caller that has been busy for a while still finds its connection open.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await listen(server, port);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests: () => model.log.entries(),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

const KEEP_ALIVE_MS = 120_000;

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        unavailable(`the model server cannot listen on port ${port} (${error.code}); choose another port`, {
          port,
        }),
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
}

interface Keys {
  readonly key: string | undefined;
  readonly aws: AwsKey | undefined;
}

class ScriptedModel {
  readonly log = new RequestLog();
  readonly #base: Behaviour;
  readonly #keys: Keys;
  /** How often each request came: a retry draws its luck anew. */
  readonly #attempts = new Map<number, number>();

  constructor(base: Behaviour, keys: Keys) {
    this.#base = base;
    this.#keys = keys;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (path === "/__log") {
      if (request.method === "DELETE") this.log.clear();
      return json(response, { requests: this.log.entries() });
    }
    if (request.method === "GET" && path === "/v1/models")
      return json(response, { object: "list", data: MODELS });
    if (request.method === "GET" && path === "/")
      return json(response, { ok: true, what: "Sluice's scripted model" });
    const bytes = request.method === "POST" ? await readBody(request) : Buffer.of();
    const cloud = cloudCall(request);
    if (cloud) return this.#answerOfCloud(request, response, cloud, bytes);
    const body = request.method === "POST" ? parsed(bytes) : undefined;
    const { key } = this.#keys;
    if (key !== undefined && keyOf(request) !== key) return sendFault(response, "401", path);
    switch (path) {
      case "/v1/chat/completions": {
        const chat = readChatRequest(body);
        return this.#answer(request, response, path, chat, (reply, model, id) =>
          chat.stream
            ? {
                events: [
                  ...(isAzure(request) ? [AZURE_FIRST_CHUNK] : []),
                  ...chatChunks(reply, model, id, seconds(), chat.includeUsage),
                ].map((data) => `data: ${data}\n\n`),
              }
            : { body: chatCompletion(reply, model, id, seconds()) },
        );
      }
      case "/v1/messages":
        return this.#answerMessages(request, response, path, readMessagesRequest(body));
      case "/v1/messages/count_tokens":
        return json(response, {
          input_tokens: replyTo(readMessagesRequest(body, true), 0).usage.inputTokens,
        });
      case "/v1/embeddings":
        return json(response, embeddings(body));
      default:
        throw new SluiceError("not_found", `there is nothing at ${request.method} ${path}`);
    }
  }

  async #answerOfCloud(
    request: IncomingMessage,
    response: ServerResponse,
    cloud: CloudCall,
    bytes: Buffer,
  ): Promise<void> {
    const path = decodeURIComponent(pathOf(request));
    const problem = loginProblem(cloud, request, bytes, this.#keys);
    if (problem !== undefined) return sendRefusedLogin(response, path, problem);
    const message = readMessagesRequest(anthropicBody(cloud, parsed(bytes)));
    return this.#answerMessages(request, response, path, message, cloud);
  }

  #answerMessages(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    message: ModelRequest,
    cloud?: CloudCall,
  ): Promise<void> {
    return this.#answer(request, response, path, message, (reply, model, id) =>
      message.stream
        ? { events: messageEvents(reply, model, id).map(sentEvent), frame: cloud?.frame }
        : { body: anthropicMessage(reply, model, id) },
    );
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    asked: ModelRequest,
    write: (reply: ModelReply, model: string, id: string) => WireAnswer,
  ): Promise<void> {
    const started = performance.now();
    const { model, behaviour } = behaviourFor(this.#base, asked.model, request.headers);
    const text = requestText(asked);
    const digest = hashText(text, behaviour.seed);
    const attempt = (this.#attempts.get(digest) ?? 0) + 1;
    this.#attempts.set(digest, attempt);
    const { fault, delayMs, isWrong } = drawAttempt(behaviour, text, attempt);
    const said = replyTo(asked, behaviour.seed);
    const reply = isWrong ? { ...said, text: WRONG_ANSWER, toolCalls: [], finish: "stop" as const } : said;
    if (delayMs > 0) await delay(delayMs);
    this.log.add({ path, model, attempt, asked, reply, fault, ms: performance.now() - started });
    const id = `${digest.toString(36)}${attempt.toString(36)}`;
    if (!fault) return sendAnswer(response, write(reply, model, id));
    if (!isBreaking(fault)) return sendFault(response, fault, path);
    return sendAnswer(response, write(brokenReply(reply, fault), model, id), fault, path);
  }
}

const MODELS = ["gpt-5.4", "gpt-5.4-mini", "gpt-6-luna", "claude-sonnet-4-6", "claude-haiku-4-5"].map(
  (id) => ({
    id,
    object: "model",
    created: 0,
    owned_by: "scripted",
  }),
);

function embeddings(body: unknown): unknown {
  const request = record(body, "the body");
  const input =
    typeof request["input"] === "string" ? [request["input"]] : list(request["input"], "input").map(String);
  const dimensions = optionalNumber(request["dimensions"]) ?? 256;
  const tokens = input.reduce((sum, text) => sum + countTokens(text), 0);
  return {
    object: "list",
    model: request["model"],
    data: input.map((text, index) => {
      const vector = embed(text, dimensions);
      // The SDK asks for base64 by default.
      const embedding =
        request["encoding_format"] === "base64"
          ? Buffer.from(new Float32Array(vector).buffer).toString("base64")
          : vector;
      return { object: "embedding", index, embedding };
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function sentEvent([type, data]: readonly [string, unknown]): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...(data as object) })}\n\n`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new SluiceError("invalid_input", "the body is not JSON", {}, { cause: error });
  }
}

/** What Azure has at the address of a deployment, and for one version of its API, is what OpenAI has at its own. */
const AZURE = /^\/openai\/deployments\/[^/]+\/(chat\/completions|embeddings)$/;

function pathOf(request: IncomingMessage): string {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  return isAzure(request) ? `/v1/${AZURE.exec(pathname)![1]}` : pathname;
}

function isAzure({ url = "/", headers }: IncomingMessage): boolean {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  return AZURE.test(pathname) && Boolean(searchParams.get("api-version")) && headers["api-key"] !== undefined;
}

function keyOf(request: IncomingMessage): string | undefined {
  const header = request.headers["x-api-key"] ?? request.headers["api-key"];
  return typeof header === "string" ? header : request.headers.authorization?.replace(/^Bearer /, "");
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { type ChatPromptClient, LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { propagateAttributes, setLangfuseTracerProvider, startObservation } from "@langfuse/tracing";
import OpenAI from "openai";
import { demoOpinion, demoQuestion } from "../../../src/demo/demo-user.ts";

export interface LangfuseUsersOptions {
  readonly serverUrl: string;
  readonly key: string;
  readonly modelServerUrl: string;
  readonly prompt: string;
  readonly product: string;
  readonly usersPerSecond: number;
}

export interface LangfuseUsers {
  /** How many users there were, by what they were served: `candidate@2`. */
  counts(): Readonly<Record<string, number>>;
  /** Waits for those under way and sends what is recorded. */
  stop(): Promise<void>;
}

const MOST_UNDER_WAY = 48;
const TURN_MS = 20;
/** The policy's windows are of two seconds: what is reported has to come within them. */
const FLUSH_MS = 200;
const TTL_SECONDS = 1;
const ARMS: Readonly<Record<string, string>> = { c: "candidate", k: "control", n: "unenrolled" };

/**
 * The demo's users, at a service that knows nothing of Sluice but a base URL and a key: it gets its prompt, reports its
 * generations and sends its users' ratings by Langfuse's clients, and asks the model by the vendor's.
 */
export function startLangfuseUsers(options: LangfuseUsersOptions): LangfuseUsers {
  const { serverUrl: baseUrl, key: secretKey, prompt: name, product, usersPerSecond } = options;
  const keys = { baseUrl, secretKey, publicKey: secretKey.slice(0, secretKey.indexOf("_", 4)) };
  const client = new LangfuseClient(keys);
  const provider = new BasicTracerProvider({ spanProcessors: [new LangfuseSpanProcessor(keys)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  setLangfuseTracerProvider(provider);
  const model = new OpenAI({ apiKey: "local", baseURL: `${options.modelServerUrl}/v1`, maxRetries: 1 });
  const counts: Record<string, number> = {};
  const underWay = new Set<Promise<void>>();
  const stopped = new AbortController();

  async function serve(user: string): Promise<void> {
    const cell = createHash("sha256").update(user).digest("hex").slice(0, 2);
    const question = demoQuestion(user);
    const asked = { type: "chat", label: `production~~${cell}`, cacheTtlSeconds: TTL_SECONDS } as const;
    const prompt = await client.prompt.get(name, asked);
    const arm = ARMS[prompt.name.split("~")[1]?.split(".")[1] ?? ""] ?? "nobody's";
    const served = `${arm}@${prompt.version}`;
    counts[served] = (counts[served] ?? 0) + 1;
    await propagateAttributes({ userId: user }, () => answer(prompt, user, question));
  }

  async function answer(prompt: ChatPromptClient, user: string, question: string): Promise<void> {
    const root = startObservation("handle-request");
    const generation = root.startObservation("answer", { prompt }, { asType: "generation" });
    const score = (metric: string, value: number) =>
      client.score.create({ traceId: generation.traceId, name: metric, value });
    try {
      const request = { ...(prompt.config as object), messages: prompt.compile({ product, question }) };
      const { choices, usage } = await model.chat.completions.create(request as never);
      const text = choices[0]?.message.content ?? "";
      const counted = { input: usage?.prompt_tokens ?? 0, output: usage?.completion_tokens ?? 0 };
      const isShown = isShowable(text);
      generation.update({ usageDetails: counted, level: isShown ? "DEFAULT" : "ERROR" });
      score("rating", demoOpinion(question, text, user).rating);
    } catch {
      generation.update({ level: "ERROR" });
    } finally {
      generation.end();
      root.end();
    }
  }

  const arriving = (async () => {
    let users = 0;
    for (let due = 0; !stopped.signal.aborted;) {
      await delay(TURN_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      due = Math.min(due + (usersPerSecond * TURN_MS) / 1_000, usersPerSecond / 4);
      for (; due >= 1 && underWay.size < MOST_UNDER_WAY; due--) {
        const visit = serve(`user-${++users}`)
          .catch(() => void (counts["failed"] = (counts["failed"] ?? 0) + 1))
          .finally(() => underWay.delete(visit));
        underWay.add(visit);
      }
    }
  })();
  const flush = () => Promise.all([provider.forceFlush(), client.score.flush()]).catch(() => undefined);
  const flushing = (async () => {
    while (!stopped.signal.aborted) {
      await delay(FLUSH_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      await flush();
    }
  })();
  return {
    counts: () => ({ ...counts }),
    async stop() {
      stopped.abort();
      await Promise.all([arriving, flushing]);
      await Promise.allSettled(underWay);
      await flush();
      setLangfuseTracerProvider(null);
      await provider.shutdown();
      await client.shutdown();
      context.disable();
    },
  };
}

/** What the application needs to show an answer at all. */
function isShowable(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as { answer?: unknown } | null)?.answer === "string";
  } catch {
    return false;
  }
}

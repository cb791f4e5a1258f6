import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { propagateAttributes, setLangfuseTracerProvider, startObservation } from "@langfuse/tracing";
import { digestText } from "../../../../src/digest.ts";

export interface Answered {
  readonly trace: string;
  readonly observation: string;
  readonly version: number;
  /** As the name of its prompt says. */
  readonly arm: string | undefined;
}

export interface LangfuseService {
  readonly client: LangfuseClient;
  /** Gets the prompt as the user's cell is served it, and says that it has asked a model. */
  answer(prompt: string, user: string): Promise<Answered>;
  flushTraces(): Promise<void>;
  close(): Promise<void>;
}

/** A service with the present clients of Langfuse, which knows nothing of Sluice but its address and a key. */
export function langfuseService(baseUrl: string, secretKey: string): LangfuseService {
  const keys = { baseUrl, secretKey, publicKey: secretKey.slice(0, secretKey.indexOf("_", 4)) };
  const client = new LangfuseClient(keys);
  const provider = new BasicTracerProvider({ spanProcessors: [new LangfuseSpanProcessor(keys)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  setLangfuseTracerProvider(provider);
  return {
    client,
    async answer(name, user) {
      const label = `production~~${digestText(user).slice(0, 2)}`;
      const prompt = await client.prompt.get(name, { type: "chat", label });
      return propagateAttributes({ userId: user }, async () => {
        const root = startObservation("handle-request");
        const generation = root.startObservation(
          "answer",
          { model: "gpt-5.4-mini", prompt, usageDetails: { input: 10, output: 5 } },
          { asType: "generation" },
        );
        generation.end();
        root.end();
        const arm = prompt.name.split("~")[1]?.split(".")[1];
        return { trace: generation.traceId, observation: generation.id, version: prompt.version, arm };
      });
    },
    flushTraces: () => provider.forceFlush(),
    async close() {
      setLangfuseTracerProvider(null);
      await provider.shutdown();
      await client.shutdown();
      context.disable();
    },
  };
}

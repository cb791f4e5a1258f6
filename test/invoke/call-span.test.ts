import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { expect, it } from "vitest";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { calling, supportPrompt } from "./support/calling.ts";

it("an invocation is one span with its attempts, by the names that collectors know, and with nothing of what was said", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const model = await startModelServer();
  await using world = await calling(model.url, { tracer: provider.getTracer("sluice") });
  world.serve(
    supportPrompt({
      model: "openai/gpt-5.4-mini+error-rate=1+faults=500",
      fallbacks: ["anthropic/claude-haiku-4-5"],
      params: { max_tokens: 90, temperature: 0.2 },
    }),
  );
  const request = {
    prompt: "support",
    variables: { question: "How do I reset my password?" },
    limits: { maxRetries: 0 },
  };
  const answer = await world.invoker.invoke(request);
  await world.invoker.invoke({ ...request, fallbacks: false }).catch(() => undefined);
  const [answered, failed] = exporter.getFinishedSpans();
  expect(answered).toMatchObject({
    name: "chat gpt-5.4-mini+error-rate=1+faults=500",
    kind: SpanKind.CLIENT,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.max_tokens": 90,
      "gen_ai.request.temperature": 0.2,
      "gen_ai.prompt.name": "support",
      "gen_ai.prompt.version": "1",
      "gen_ai.response.model": "claude-haiku-4-5",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.usage.input_tokens": answer.usage.inputTokens,
      "gen_ai.usage.output_tokens": answer.usage.outputTokens,
      "sluice.invoke.fallback": "anthropic/claude-haiku-4-5",
    },
  });
  expect(answered!.events.map(({ attributes }) => attributes?.["sluice.result"])).toEqual(["server", "ok"]);
  expect(failed).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { "error.type": "server" },
  });
  expect(JSON.stringify([answered!.attributes, answered!.events])).not.toMatch(/password/);
  await model.stop();
});

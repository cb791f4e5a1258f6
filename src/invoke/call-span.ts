import type { TracedSpan, Tracer } from "../resolver/observing/open-telemetry.ts";
import type { ResolvedPrompt } from "../resolver/serving/resolved-prompt.ts";
import type { Answered, Call } from "./call.ts";
import type { InvokeFailureKind } from "./failure.ts";

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR`, as OpenTelemetry's API numbers them. */
const CLIENT = 2;
const ERROR = 2;

/** Of an artifact's parameters, those that OpenTelemetry's GenAI conventions have a name for. */
const REQUEST_NAMES: Readonly<Record<string, string>> = {
  max_tokens: "max_tokens",
  max_completion_tokens: "max_tokens",
  temperature: "temperature",
  top_p: "top_p",
  top_k: "top_k",
  seed: "seed",
  frequency_penalty: "frequency_penalty",
  presence_penalty: "presence_penalty",
};

/**
 * One span for an invocation with all its attempts, which are events of it. Names as the GenAI conventions had them from
 * 1.37 to 1.41, which is what collectors read; nothing of what was said. What watches a service never breaks it.
 */
export class CallSpan {
  readonly #span: TracedSpan | undefined;

  constructor(tracer: Tracer | undefined, { targets, telling }: Call, prompt: ResolvedPrompt) {
    const { call, artifact } = targets[0]!;
    this.#span = quietly(() =>
      tracer?.startSpan(`chat ${call.model}`, {
        kind: CLIENT,
        attributes: {
          "gen_ai.operation.name": "chat",
          "gen_ai.provider.name": call.provider,
          "gen_ai.request.model": call.model,
          "gen_ai.request.stream": telling.isStream,
          "gen_ai.output.type": artifact.output_schema ? "json" : "text",
          ...requestAttributes(artifact.params),
          ...prompt.attributes(),
        },
      }),
    );
  }

  answered({ account, at, targets }: Call, { completion }: Answered): void {
    const { usage } = account;
    this.#end(account.attempts, {
      "gen_ai.response.finish_reasons": [completion.finishReason],
      ...(completion.responseModel !== undefined && { "gen_ai.response.model": completion.responseModel }),
      "gen_ai.usage.input_tokens": usage.inputTokens,
      "gen_ai.usage.output_tokens": usage.outputTokens,
      "gen_ai.usage.cache_read.input_tokens": usage.cachedInputTokens,
      "gen_ai.usage.reasoning.output_tokens": usage.reasoningTokens,
      ...(account.ttftMs !== null && { "gen_ai.response.time_to_first_chunk": account.ttftMs / 1_000 }),
      ...(at > 0 && { "sluice.invoke.fallback": targets[at]!.name }),
    });
  }

  failed({ account }: Call, kind: InvokeFailureKind | "internal", message: string): void {
    quietly(() => this.#span?.setStatus({ code: ERROR, message }));
    this.#end(account.attempts, { "error.type": kind });
  }

  #end(attempts: Call["account"]["attempts"], attributes: Parameters<TracedSpan["setAttributes"]>[0]): void {
    const span = this.#span;
    if (!span) return;
    quietly(() => {
      for (const { target, result, ms } of attempts)
        span.addEvent("sluice.attempt", {
          "sluice.target": target,
          "sluice.result": result,
          "sluice.ms": ms,
        });
      span.setAttributes(attributes);
      span.end();
    });
  }
}

function requestAttributes(params: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(REQUEST_NAMES).flatMap(([name, told]) => {
      const value = params[name];
      return typeof value === "number" ? [[`gen_ai.request.${told}`, value]] : [];
    }),
  );
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

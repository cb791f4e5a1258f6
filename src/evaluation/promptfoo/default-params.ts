import type { ModelTarget } from "../../domain/prompt/artifact.ts";
import { factsOf } from "../../domain/models/models.ts";
import type { ModelApi } from "../grading/assertions/model-target.ts";

/** Tokens of an answer that promptfoo asks for at most where a configuration says nothing. */
const MAX_TOKENS = 1024;

/**
 * What promptfoo sends where a configuration says nothing: temperature 0 and 1,024 tokens at most, to models that take
 * them. A reasoning model of OpenAI gets neither.
 */
export function defaultParams(
  { provider, model }: ModelTarget,
  api: ModelApi | undefined,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const facts = factsOf(`${provider}/${model}`);
  const has = (...names: string[]) => names.some((name) => given[name] !== undefined);
  if (provider === "openai" && facts?.reasoning) return {};
  const limit = api === "responses" ? "max_output_tokens" : "max_tokens";
  const takesTemperature = facts?.sampling === undefined && !has("temperature", "thinking", "top_p");
  return {
    ...(takesTemperature && { temperature: 0 }),
    ...(!has("max_tokens", "max_completion_tokens", "max_output_tokens") && { [limit]: MAX_TOKENS }),
  };
}

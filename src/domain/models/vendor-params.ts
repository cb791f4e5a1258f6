import type { Provider } from "./vendors.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Parameters of a call that each vendor documents, by the names that it has for them. */
export const VENDOR_PARAMS: Readonly<Record<Provider, ReadonlySet<string>>> = {
  openai: words(
    "model messages audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens " +
      "max_tokens metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key " +
      "prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream " +
      "stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options",
  ),
  anthropic: words(
    "model messages max_tokens system cache_control container context_management inference_geo mcp_servers metadata " +
      "output_config service_tier speed stop_sequences stream temperature thinking tool_choice tools top_k top_p",
  ),
};

/** OpenAI's parameters that are put into Anthropic's words. */
const TRANSLATED = words("max_completion_tokens stop parallel_tool_calls response_format");

/** Whether a parameter is another vendor's, and not understood for this one. One that nobody documents may be new. */
export function isForeign(provider: Provider, name: string): boolean {
  if (VENDOR_PARAMS[provider].has(name) || (provider === "anthropic" && TRANSLATED.has(name))) return false;
  return Object.values(VENDOR_PARAMS).some((params) => params.has(name));
}

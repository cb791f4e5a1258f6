import type { Artifact } from "../../domain/prompt/artifact.ts";
import { claudeAt } from "../../domain/models/claude-names.ts";
import { factsOf } from "../../domain/models/models.ts";
import { protocolOf, type Wording } from "../../domain/models/vendors.ts";
import type { RenderedMessage } from "../rendered-message.ts";
import { anthropicSchema } from "./anthropic-schema.ts";
import { type AnthropicOptions, toAnthropic } from "./to-anthropic.ts";
import { toOpenAI } from "./to-openai.ts";
import { toOpenAIResponses } from "./to-openai-responses.ts";

type Body = Readonly<Record<string, unknown>>;

/** A question to a model whose answer is a JSON value of this form. */
export interface StructuredQuestion {
  readonly system: string;
  readonly user: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

interface ProtocolRequests {
  /** The body for a version's messages. */
  readonly ofMessages: (
    artifact: Artifact,
    messages: readonly RenderedMessage[],
    options?: AnthropicOptions,
  ) => Body;
  /** The body for a question: structured output where the model has it, a forced tool call where not. */
  readonly ofQuestion: (model: string, question: StructuredQuestion, params: Body) => Body;
}

/** Where a model is asked, as far as a request depends on it. */
interface RequestTarget {
  readonly provider: string;
  /** OpenAI's Responses API in place of its chat completions. */
  readonly api?: "responses" | undefined;
}

/** One row a protocol: what is sent over it. */
const REQUESTS = {
  "openai-chat": {
    ofMessages: (artifact, messages) => ({ ...toOpenAI(artifact, messages) }),
    ofQuestion: (_, { system, user, schema }, params) => ({
      ...withLimit(params, "max_completion_tokens"),
      messages: [...(system ? [{ role: "system", content: system }] : []), { role: "user", content: user }],
      response_format: { type: "json_schema", json_schema: { name: "verdict", strict: true, schema } },
    }),
  },
  "anthropic-messages": {
    ofMessages: (artifact, messages, options) => ({ ...toAnthropic(artifact, messages, options) }),
    ofQuestion: (model, { system, user, schema }, params) => ({
      max_tokens: 2048,
      ...withLimit(params, "max_tokens"),
      ...(system && { system }),
      messages: [{ role: "user", content: user }],
      ...(factsOf(claudeAt(model))?.forcedTools === false
        ? { output_config: { format: { type: "json_schema", schema: anthropicSchema(schema) } } }
        : {
            tools: [{ name: "verdict", description: "Records the verdict.", input_schema: schema }],
            tool_choice: { type: "tool", name: "verdict" },
          }),
    }),
  },
} as const satisfies Record<Wording, ProtocolRequests>;

/**
 * What is sent to a provider.
 *
 * @param wording of a provider that a configuration names, as it says; else by the provider's name
 */
export function requestsTo(
  { provider, api }: RequestTarget,
  wording: Wording = protocolOf(provider),
): ProtocolRequests {
  const requests = REQUESTS[wording];
  return api === "responses" ? { ...requests, ofMessages: RESPONSES } : requests;
}

const RESPONSES: ProtocolRequests["ofMessages"] = (artifact, messages) => ({
  ...toOpenAIResponses(artifact, messages),
});

/** Parameters with their limit of tokens under the name that the protocol has for it. */
function withLimit({ max_tokens, max_completion_tokens = max_tokens, ...others }: Body, name: string): Body {
  return { ...others, ...(max_completion_tokens !== undefined && { [name]: max_completion_tokens }) };
}

import { invalidInput } from "../../domain/errors.ts";
import { VENDOR_PARAMS } from "../../domain/models/vendor-params.ts";
import { factsOf, type ModelFacts } from "../../domain/models/models.ts";
import { strictProblem } from "../../templates/requests/strict-schema.ts";
import { refuseChatValues, refuseMessagesValues } from "./refuse-values.ts";
import { contentText, record } from "./wire-reading.ts";

// What the vendors answer with a 400, so that a request which would fail there fails here. Written after their
// references; a model that is not in the table of models is refused nothing of its own.

type Body = Readonly<Record<string, unknown>>;
type Part = Readonly<Record<string, unknown>>;

/** Refuses a body of chat completions as OpenAI would. */
export function refuseChat(body: Body): void {
  const unknown = Object.keys(body).find((key) => !VENDOR_PARAMS.openai.has(key));
  if (unknown) throw invalidInput(`Unrecognized request argument supplied: ${unknown}`);
  const model = modelName(body);
  const facts = factsOf(`openai/${model}`);
  if (facts) refuseSampling(body, facts);
  if (facts?.reasoning && facts.sampling === "never") {
    for (const name of ["max_tokens", "stop"])
      if (body[name] !== undefined && body[name] !== null)
        throw invalidInput(`Unsupported parameter: '${name}' is not supported with this model.`);
  }
  if (facts && !facts.reasoning && body["reasoning_effort"] !== undefined)
    throw invalidInput("Unrecognized request argument supplied: reasoning_effort");
  const limit = body["max_completion_tokens"] ?? body["max_tokens"];
  if (facts?.maxOutput !== undefined && typeof limit === "number" && limit > facts.maxOutput)
    throw invalidInput(`max_tokens is too large: ${limit}. This model supports at most ${facts.maxOutput}.`);
  refuseChatValues(body);
  const hasTools = Array.isArray(body["tools"]) && body["tools"].length > 0;
  for (const name of ["tool_choice", "parallel_tool_calls"])
    if (body[name] !== undefined && !hasTools)
      throw invalidInput(`'${name}' is only allowed when 'tools' are specified.`);
  refuseChatMessages(body);
  refuseFormat(body, facts);
}

const UNANSWERED =
  "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";

function refuseChatMessages(body: Body): void {
  let open = new Set<unknown>();
  for (const [index, message] of parts(body["messages"]).entries()) {
    const { role, content, tool_calls: calls, refusal, tool_call_id: id } = message;
    if (role === "tool") {
      if (!open.delete(id))
        throw invalidInput(
          `Invalid parameter: messages[${index}]: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.`,
        );
      continue;
    }
    if (open.size > 0) throw invalidInput(UNANSWERED);
    const isEmpty = content === null || content === undefined;
    const mayBeEmpty = role === "assistant" && (Array.isArray(calls) || typeof refusal === "string");
    if (isEmpty && !mayBeEmpty)
      throw invalidInput(
        `Invalid value for 'content': expected a string, got null. (messages[${index}].content)`,
      );
    open = new Set(parts(calls).map((call) => call["id"]));
  }
  if (open.size > 0) throw invalidInput(UNANSWERED);
}

function refuseFormat(body: Body, facts: ModelFacts | undefined): void {
  const format = (body["response_format"] ?? {}) as { type?: unknown; json_schema?: Part };
  const words = parts(body["messages"]).map(({ content }) => contentText(content));
  if (format.type === "json_object" && !words.some((text) => /json/i.test(text)))
    throw invalidInput(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    );
  const { json_schema: schema } = format;
  if (format.type === "json_schema" && facts?.schema === false)
    throw invalidInput(
      "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
    );
  const problem = schema?.["strict"] === true ? strictProblem(schema["schema"]) : undefined;
  if (problem)
    throw invalidInput(
      `Invalid schema for response_format '${String(schema!["name"])}': ${problem} is not permitted in strict mode.`,
    );
  for (const tool of parts(body["tools"])) {
    const target = (tool["function"] ?? {}) as Part;
    const found = target["strict"] === true ? strictProblem(target["parameters"]) : undefined;
    if (found)
      throw invalidInput(
        `Invalid schema for function '${String(target["name"])}': ${found} is not permitted in strict mode.`,
      );
  }
}

/** Refuses a body of messages as Anthropic would. */
export function refuseMessages(body: Body): void {
  const unknown = Object.keys(body).find((key) => !VENDOR_PARAMS.anthropic.has(key));
  if (unknown) throw invalidInput(`${unknown}: Extra inputs are not permitted`);
  if (!Number.isSafeInteger(body["max_tokens"])) throw invalidInput("max_tokens: Field required");
  const model = modelName(body);
  const facts = factsOf(`anthropic/${model}`);
  if (facts) refuseSampling(body, facts);
  if (facts && body["temperature"] !== undefined && body["top_p"] !== undefined)
    throw invalidInput("`temperature` and `top_p` cannot both be specified for this model.");
  if (facts?.maxOutput !== undefined && (body["max_tokens"] as number) > facts.maxOutput)
    throw invalidInput(
      `max_tokens: ${String(body["max_tokens"])} > ${facts.maxOutput}, which is the maximum allowed number of output tokens for ${model}`,
    );
  refuseMessagesValues(body);
  if (body["tool_choice"] !== undefined) {
    const choice = record(body["tool_choice"], "tool_choice");
    if (facts?.forcedTools === false && (choice["type"] === "any" || choice["type"] === "tool"))
      throw invalidInput("tool_choice: this model cannot be made to use a tool");
  }
  for (const block of parts(body["system"]))
    if (block["type"] === "text") refuseBlank(block["text"], "system");
  refuseTurns(body, facts);
}

function refuseTurns(body: Body, facts: ModelFacts | undefined): void {
  const messages = parts(body["messages"]);
  let open = new Set<unknown>();
  for (const [index, { role, content }] of messages.entries()) {
    const where = `messages.${index}`;
    const isLast = index === messages.length - 1;
    const blocks = parts(content);
    const isEmpty = typeof content === "string" ? content === "" : blocks.length === 0;
    if (isEmpty && !(isLast && role === "assistant"))
      throw invalidInput(
        `${where}: all messages must have non-empty content except for the optional final assistant message`,
      );
    if (typeof content === "string" && content !== "") refuseBlank(content, where);
    for (const block of blocks) if (block["type"] === "text") refuseBlank(block["text"], where);
    for (const block of blocks)
      if (block["type"] === "tool_result" && !open.delete(block["tool_use_id"]))
        throw invalidInput(`${where}: unexpected \`tool_use_id\` found in \`tool_result\` blocks`);
    if (open.size > 0)
      throw invalidInput(
        `${where}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after`,
      );
    open = new Set(blocks.filter(({ type }) => type === "tool_use").map(({ id }) => id));
    if (isLast && open.size > 0)
      throw invalidInput(
        `${where}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after`,
      );
    if (isLast && role === "assistant") refusePrefill(body, content, facts);
  }
}

function refusePrefill(body: Body, content: unknown, facts: ModelFacts | undefined): void {
  const format = (body["output_config"] as { format?: unknown } | undefined)?.format;
  if (facts?.prefill === false || format !== undefined)
    throw invalidInput("This model does not support assistant message prefill.");
  if (/\s$/.test(contentText(content)))
    throw invalidInput("messages: final assistant content cannot end with trailing whitespace");
}

function refuseBlank(text: unknown, where: string): void {
  if (typeof text !== "string" || text.trim() === "")
    throw invalidInput(`${where}: text content blocks must contain non-whitespace text`);
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  logprobs: false,
};

function refuseSampling(body: Body, { sampling }: ModelFacts): void {
  const effort = body["reasoning_effort"];
  const isFree =
    sampling === undefined ||
    (sampling === "without_reasoning" && effort === "none") ||
    (sampling === "unless_reasoning" && (effort === undefined || effort === "none"));
  if (isFree) return;
  for (const name of [...Object.keys(DEFAULTS), "top_logprobs", "logit_bias", "top_k"]) {
    const value = body[name];
    if (value !== undefined && value !== null && value !== DEFAULTS[name])
      throw invalidInput(
        `Unsupported value: '${name}' does not support ${JSON.stringify(value)} with this model.`,
      );
  }
}

/** Without the behaviour that a prompt may ask of this server in the model's name. */
function modelName(body: Body): string {
  return String(body["model"]).split("+", 1)[0]!;
}

function parts(value: unknown): Part[] {
  return Array.isArray(value)
    ? value.filter((part): part is Part => typeof part === "object" && part !== null)
    : [];
}

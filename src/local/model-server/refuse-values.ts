import { invalidInput } from "../../domain/errors.ts";

// What the vendors refuse of a parameter's value whatever the model is.

type Fields = Readonly<Record<string, unknown>>;

/** Refuses values of chat completions as OpenAI would. */
export function refuseChatValues(body: Fields): void {
  for (const name of ["top_p", "temperature"]) between(body, name, 0, name === "top_p" ? 1 : 2);
  for (const name of ["presence_penalty", "frequency_penalty"]) between(body, name, -2, 2);
  between(body, "top_logprobs", 0, 20);
  for (const name of ["max_tokens", "max_completion_tokens"])
    between(body, name, 1, Number.POSITIVE_INFINITY);
  const { stop, metadata, store, logprobs } = body;
  if (Array.isArray(stop) && stop.length > 4)
    throw invalidInput(
      `Invalid 'stop': array too long. Expected an array with maximum length 4, but got ${stop.length}.`,
    );
  if (isSet(metadata) && store !== true)
    throw invalidInput("The 'metadata' parameter is only allowed when 'store' is enabled.");
  if (isSet(body["top_logprobs"]) && logprobs !== true)
    throw invalidInput("The 'logprobs' parameter must be set to true when 'top_logprobs' is used.");
  const names = fields(body["tools"]).map((tool) => fieldsOf(tool["function"])["name"]);
  if (names.length > 128) throw invalidInput("Invalid 'tools': array too long. Expected at most 128.");
  for (const [index, name] of names.entries()) named(name, 64, `tools[${index}].function.name`);
  const chosen = fieldsOf(fieldsOf(body["tool_choice"])["function"])["name"];
  if (isSet(chosen) && !names.includes(chosen))
    throw invalidInput(`Invalid value: 'tool_choice'. Tool '${String(chosen)}' is not in 'tools'.`);
  const format = fieldsOf(fieldsOf(body["response_format"])["json_schema"]);
  if (fieldsOf(body["response_format"])["type"] === "json_schema")
    named(format["name"], 64, "response_format.json_schema.name");
  for (const [index, { content, tool_calls: calls }] of fields(body["messages"]).entries()) {
    for (const [key, list] of Object.entries({ content, tool_calls: calls }))
      if (Array.isArray(list) && list.length === 0)
        throw invalidInput(`Invalid 'messages[${index}].${key}': empty array.`);
  }
}

/** Refuses values of messages as Anthropic would. */
export function refuseMessagesValues(body: Fields): void {
  between(body, "temperature", 0, 1);
  between(body, "top_p", 0, 1);
  between(body, "top_k", 0, Number.POSITIVE_INFINITY);
  between(body, "max_tokens", 1, Number.POSITIVE_INFINITY);
  const stops = body["stop_sequences"];
  if (Array.isArray(stops) && stops.some((one) => typeof one !== "string" || one.trim() === ""))
    throw invalidInput("stop_sequences: each stop sequence must contain non-whitespace");
  const extra = Object.keys(fieldsOf(body["metadata"])).find((key) => key !== "user_id");
  if (extra !== undefined) throw invalidInput(`metadata.${extra}: Extra inputs are not permitted`);
  const tools = fields(body["tools"]);
  const names = tools.map(({ name }) => name);
  for (const [index, name] of names.entries()) named(name, 128, `tools.${index}.custom.name`);
  if (new Set(names).size < names.length) throw invalidInput("tools: Tool names must be unique.");
  for (const [index, { input_schema: schema }] of tools.entries())
    for (const key of ["oneOf", "allOf", "anyOf"])
      if (fieldsOf(schema)[key] !== undefined)
        throw invalidInput(
          `tools.${index}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`,
        );
  const choice = fieldsOf(body["tool_choice"]);
  if (choice["type"] === "tool" && !names.includes(choice["name"]))
    throw invalidInput(`Tool '${String(choice["name"])}' not found in provided tools`);
  for (const [index, { content }] of fields(body["messages"]).entries())
    for (const block of fields(content)) refuseBlock(block, `messages.${index}`);
  refuseThinking(body);
  refuseSchema(fieldsOf(fieldsOf(body["output_config"])["format"])["schema"]);
}

const IMAGES = ["image/jpeg", "image/png", "image/gif", "image/webp"];

function refuseBlock({ type, id, tool_use_id: answered, source }: Fields, where: string): void {
  for (const one of [id, answered])
    if (isSet(one) && !/^[a-zA-Z0-9_-]+$/.test(String(one)))
      throw invalidInput(`${where}: tool_use ids should match pattern '^[a-zA-Z0-9_-]+$'`);
  const { type: kind, media_type: media } = fieldsOf(source);
  if (type === "image" && kind === "base64" && !IMAGES.includes(String(media)))
    throw invalidInput(`${where}: media_type: Input should be ${IMAGES.join(", ")}`);
  if (type === "document" && kind === "base64" && media !== "application/pdf")
    throw invalidInput(`${where}: media_type: Input should be 'application/pdf'`);
}

function refuseThinking(body: Fields): void {
  const { type, budget_tokens: budget } = fieldsOf(body["thinking"]);
  if (type !== "enabled") return;
  if (typeof budget !== "number" || budget < 1024)
    throw invalidInput("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
  if (budget >= Number(body["max_tokens"]))
    throw invalidInput("`max_tokens` must be greater than `thinking.budget_tokens`.");
  if (isSet(body["temperature"]) && body["temperature"] !== 1)
    throw invalidInput("`temperature` may only be set to 1 when thinking is enabled.");
  if (isSet(body["top_k"])) throw invalidInput("`top_k` must be unset when thinking is enabled.");
  if (typeof body["top_p"] === "number" && body["top_p"] < 0.95)
    throw invalidInput("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.");
  if (["any", "tool"].includes(String(fieldsOf(body["tool_choice"])["type"])))
    throw invalidInput("Thinking may not be enabled when tool_choice forces tool use.");
  if (fields(body["messages"]).at(-1)?.["role"] === "assistant")
    throw invalidInput(
      "Expected `thinking` or `redacted_thinking`: the final assistant message must start with a thinking block.",
    );
}

const SCHEMA_WORDS = new Set(
  "type enum const default title description required $ref $defs definitions properties items anyOf allOf format minItems additionalProperties".split(
    " ",
  ),
);

function refuseSchema(schema: unknown): void {
  if (schema === undefined) return;
  const node = fieldsOf(schema);
  const where = "output_config.format.schema";
  const unknown = Object.keys(node).find((key) => !SCHEMA_WORDS.has(key));
  if (unknown !== undefined)
    throw invalidInput(
      `${where}: For '${String(node["type"])}' type, property '${unknown}' is not supported`,
    );
  if (isSet(node["minItems"]) && node["minItems"] !== 0 && node["minItems"] !== 1)
    throw invalidInput(`${where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported`);
  const isObject = node["type"] === "object" || node["properties"] !== undefined;
  if (isObject && node["additionalProperties"] !== false)
    throw invalidInput(`${where}: For 'object' type, 'additionalProperties' must be explicitly set to false`);
  const maps = ["properties", "$defs", "definitions"].flatMap((key) => Object.values(fieldsOf(node[key])));
  for (const part of [...maps, ...fields(node["anyOf"]), ...fields(node["allOf"]), node["items"]])
    refuseSchema(part);
}

function named(name: unknown, most: number, where: string): void {
  if (typeof name !== "string" || name.length > most || !/^[a-zA-Z0-9_-]+$/.test(name))
    throw invalidInput(`Invalid '${where}': string does not match pattern '^[a-zA-Z0-9_-]{1,${most}}$'.`);
}

function between(body: Fields, name: string, least: number, most: number): void {
  const value = body[name];
  if (typeof value !== "number" || (value >= least && value <= most)) return;
  throw invalidInput(
    `${name}: must be ${most === Number.POSITIVE_INFINITY ? `at least ${least}` : `between ${least} and ${most}`}`,
  );
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function fields(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

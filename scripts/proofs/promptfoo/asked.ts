import type { JsonSchema } from "../../../src/local/model-server/model-request.ts";

/** A request to either vendor, as far as an answer depends on it. */
export interface Asked {
  readonly model: string;
  /** Role and text, or parts as they were sent; a system text first, whoever carries it. */
  readonly messages: readonly (readonly [role: string, content: unknown])[];
  readonly schema?: JsonSchema | undefined;
  /** Name of the schema or of the tool that has to be called. */
  readonly wanted?: string | undefined;
  readonly tools: readonly { readonly name: string; readonly parameters: JsonSchema }[];
  /** The tools are OpenAI's older `functions`. */
  readonly isFunctions: boolean;
}

type Fields = Record<string, unknown>;

export function readAsked(body: Fields): Asked {
  const format = (body["response_format"] ?? (body["text"] as Fields | undefined)?.["format"]) as
    | Fields
    | undefined;
  const inFormat = (format?.["json_schema"] ?? format) as Fields | undefined;
  const output = (body["output_config"] as Fields | undefined)?.["format"] as Fields | undefined;
  const schema = (format?.["type"] === "json_schema" ? inFormat?.["schema"] : output?.["schema"]) as
    | JsonSchema
    | undefined;
  const given = ((body["tools"] ?? body["functions"] ?? []) as Fields[]).filter(
    ({ type }) => type === undefined || type === "function" || type === "custom",
  );
  const tools = given.map((tool) => {
    const inner = (tool["function"] ?? tool) as Fields;
    return {
      name: String(inner["name"]),
      parameters: (inner["parameters"] ?? inner["input_schema"] ?? { type: "object" }) as JsonSchema,
    };
  });
  const choice = body["tool_choice"] as Fields | undefined;
  return {
    model: String(body["model"]),
    messages: messagesOf(body),
    schema,
    wanted: (choice?.["name"] ?? inFormat?.["name"]) as string | undefined,
    tools,
    isFunctions: body["functions"] !== undefined,
  };
}

function messagesOf(body: Fields): [string, unknown][] {
  const system = body["system"] ?? body["instructions"];
  const input = body["messages"] ?? body["input"] ?? [];
  const rest = Array.isArray(input) ? (input as Fields[]) : [{ role: "user", content: input }];
  // Anthropic's form, in which promptfoo cuts the white space around a text.
  const isCut = String(body["model"]).startsWith("claude");
  const list: [string, unknown][] = rest.map(({ role, content }) => {
    const text = plain(content);
    return [String(role), isCut && typeof text === "string" ? text.trim() : text];
  });
  return system === undefined || system === "" ? list : [["system", plain(system)], ...list];
}

/** Parts that are texts are the text; it makes no difference to a model whether they are one. */
function plain(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const parts = content as Fields[];
  const isText = parts.every(
    ({ type }) => type === "text" || type === "input_text" || type === "output_text",
  );
  return isText ? parts.map(({ text }) => String(text)).join("\n") : parts;
}

/** A JSON text with one space for each run of spaces, tabs and line ends in its strings. */
export function inOneLine(json: string): string {
  return json.replaceAll(/(?: |\\[nrt])+/g, " ");
}

import type { Artifact, FunctionTool, ModelTarget } from "../../domain/prompt/artifact.ts";
import { invalidInput } from "../../domain/errors.ts";
import type { FileSource } from "../dataset/file-source.ts";
import type { CallEndpoint } from "../../providers/completion.ts";
import { readModelTarget } from "../grading/assertions/model-target.ts";
import { type ConfigAccess, readEndpoint } from "./config-endpoint.ts";
import type { ModelConfig, ProviderSource } from "../dataset/promptfoo-config-schema.ts";

/** A provider of a configuration: a model and how it is called. */
export interface ConfigProvider {
  readonly label: string;
  readonly target: ModelTarget;
  readonly settings: Pick<Artifact, "params" | "tools" | "output_schema">;
  /** Where it is asked, when it names an address or a key of its own. */
  readonly endpoint?: CallEndpoint;
  /** Labels of the prompts it is asked; all when absent. */
  readonly prompts?: readonly string[];
}

/** @param written the provider as it stands in the file, before variables were filled in */
export function readProvider(
  source: ProviderSource,
  written: unknown,
  where: string,
  files: FileSource,
  access: ConfigAccess,
): ConfigProvider {
  const entry = typeof source === "string" ? { id: source } : source;
  if (entry.id.startsWith("file://"))
    throw invalidInput(
      `${where}: providers made by code are not run; write openai:MODEL or anthropic:messages:MODEL`,
      {
        where,
      },
    );
  const target = readModelTarget(entry.id, where);
  const config = entry.config ?? {};
  const endpoint = readEndpoint(target.provider, config, keyOf(written), access, where);
  return {
    label: entry.label ?? (endpoint ? `${entry.id} at ${new URL(endpoint.baseURL).host}` : entry.id),
    target,
    ...(endpoint && { endpoint }),
    settings: readSettings(config, where, files),
    ...(entry.prompts && { prompts: entry.prompts }),
  };
}

function keyOf(written: unknown): unknown {
  const entry = (written ?? {}) as Record<string, { apiKey?: unknown } | undefined>;
  const byName = Object.values(entry)[0] as { config?: { apiKey?: unknown } } | undefined;
  return (entry["config"] ?? byName?.config)?.apiKey;
}

function readSettings(config: ModelConfig, where: string, files: FileSource): ConfigProvider["settings"] {
  const {
    tools: givenTools,
    response_format: givenFormat,
    apiBaseUrl: _url,
    apiHost: _host,
    apiKey: _key,
    apiKeyEnvar: _name,
    ...params
  } = config;
  const tools = typeof givenTools === "string" ? files.value(givenTools, where) : givenTools;
  const format = typeof givenFormat === "string" ? files.value(givenFormat, where) : givenFormat;
  const schema = schemaOf(format);
  return {
    params: { ...params, ...(format !== undefined && !schema && { response_format: format }) },
    ...(tools !== undefined && { tools: readTools(tools, where) }),
    ...(schema && { output_schema: schema }),
  };
}

/** The schema in OpenAI's `{ type: json_schema, json_schema: { schema } }`. */
function schemaOf(format: unknown): Record<string, unknown> | undefined {
  const { type, json_schema, schema } = (format ?? {}) as {
    type?: unknown;
    json_schema?: { schema?: Record<string, unknown> };
    schema?: Record<string, unknown>;
  };
  return type === "json_schema" ? (json_schema?.schema ?? schema) : undefined;
}

/** Function tools in OpenAI's shape, or in Anthropic's (`name` and `input_schema`). */
function readTools(tools: unknown, where: string): FunctionTool[] {
  if (!Array.isArray(tools)) throw invalidInput(`${where}: tools must be a list`, { where });
  return tools.map((tool: Record<string, unknown>, index) => {
    if (tool["type"] === "function" && typeof (tool["function"] as { name?: unknown })?.name === "string")
      return tool as unknown as FunctionTool;
    if (typeof tool["name"] === "string" && typeof tool["input_schema"] === "object")
      return {
        type: "function",
        function: {
          name: tool["name"],
          ...(typeof tool["description"] === "string" && { description: tool["description"] }),
          parameters: tool["input_schema"] as Record<string, unknown>,
        },
      };
    throw invalidInput(`${where}: tool ${index + 1} is not a function tool with a name and a schema`, {
      where,
    });
  });
}

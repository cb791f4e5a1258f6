import type { Artifact, ModelTarget } from "../../domain/prompt/artifact.ts";
import type { FileSource } from "../dataset/file-source.ts";
import type { CallEndpoint } from "../../providers/completion.ts";
import type { ArmWay } from "../running/arm-way.ts";
import { type ModelApi, readModelTarget } from "../grading/assertions/model-target.ts";
import { type ConfigAccess, configuredIn, readEndpoint } from "./config-endpoint.ts";
import type { ModelConfig, ProviderSource } from "../dataset/promptfoo-config-schema.ts";
import { defaultParams } from "./default-params.ts";
import { readTools } from "./read-tools.ts";

/** A provider of a configuration: a model and how it is called. */
export interface ConfigProvider {
  readonly label: string;
  readonly target: ModelTarget;
  readonly way: ArmWay;
  /** What it is asked with, where a prompt brings parameters of its own. */
  readonly settings: (prompt?: ModelConfig) => Pick<Artifact, "params" | "tools" | "output_schema">;
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
  const { api, ...target } = readModelTarget(entry.id, where, configuredIn(access));
  const config = entry.config ?? {};
  const endpoint = readEndpoint(target.provider, config, keyOf(written), access, where);
  return {
    label: entry.label ?? (endpoint ? `${entry.id} at ${new URL(endpoint.baseURL).host}` : entry.id),
    target,
    way: {
      ...(api && { api }),
      ...(entry.transform !== undefined && { transform: files.script(entry.transform, where) }),
      ...(entry.delay !== undefined && { delayMs: entry.delay }),
    },
    ...(endpoint && { endpoint }),
    settings: (prompt = {}) => readSettings({ ...config, ...prompt }, target, api, where, files),
    ...(entry.prompts && { prompts: entry.prompts }),
  };
}

function keyOf(written: unknown): unknown {
  const entry = (written ?? {}) as Record<string, { apiKey?: unknown } | undefined>;
  const byName = Object.values(entry)[0] as { config?: { apiKey?: unknown } } | undefined;
  return (entry["config"] ?? byName?.config)?.apiKey;
}

function readSettings(
  config: ModelConfig,
  target: ModelTarget,
  api: ModelApi | undefined,
  where: string,
  files: FileSource,
): ReturnType<ConfigProvider["settings"]> {
  const {
    tools: givenTools,
    response_format: givenFormat,
    functions: givenFunctions,
    apiBaseUrl: _url,
    apiHost: _host,
    apiKey: _key,
    apiKeyEnvar: _name,
    ...params
  } = config;
  const valueOf = (given: unknown) => (typeof given === "string" ? files.value(given, where) : given);
  const tools = readTools(
    Array.isArray(givenTools) ? givenTools.flatMap(valueOf) : valueOf(givenTools),
    where,
  );
  const format = valueOf(givenFormat);
  const functions = valueOf(givenFunctions);
  const schema = schemaOf(format);
  return {
    params: {
      ...defaultParams(target, api, params),
      ...params,
      ...(format !== undefined && { response_format: withoutSchema(format) }),
      ...(functions !== undefined && { functions }),
      ...(tools.served.length > 0 && { tools: tools.served }),
    },
    ...(tools.functions.length > 0 && { tools: tools.functions }),
    ...(schema && { output_schema: schema }),
  };
}

type Fields = Record<string, unknown>;

/** The schema in OpenAI's `{ type: json_schema, json_schema: { schema } }`, or `{ type, schema }` of its newer API. */
function schemaOf(format: unknown): Fields | undefined {
  const { type, json_schema, schema } = (format ?? {}) as Fields & { json_schema?: Fields };
  return type === "json_schema" ? ((json_schema?.["schema"] ?? schema) as Fields | undefined) : undefined;
}

/** What else is said of the form: the schema's name, and whether it is strict. */
function withoutSchema(format: unknown): unknown {
  const { type, json_schema, schema: _, ...own } = format as Fields & { json_schema?: Fields };
  if (type !== "json_schema") return format;
  const { schema: _inner, ...rest } = json_schema ?? own;
  return { type, json_schema: rest };
}

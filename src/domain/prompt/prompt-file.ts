import { counted } from "../text/counted.ts";
import type { Artifact, VariableSpec } from "./artifact.ts";
import { invalidInput } from "../errors.ts";
import { readInclude, type IncludeRequest } from "./include.ts";
import { type PromptDocument, withTextAsMessage } from "./text-prompt.ts";
import { schemaShapeProblem } from "./json-schema-shape.ts";
import {
  identifierProblem,
  isIdentifier,
  promptFileSchema,
  type PromptFileInput,
} from "./prompt-file-schema.ts";
import { checkSource, readSource, type SourceDocument } from "./source-document.ts";
import { checkVariable } from "./variable-check.ts";
import { shown } from "../text/visible.ts";

/** A prompt file, read and checked; its templates have not been looked into yet. */
export interface PromptFile {
  readonly name: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** Without what it includes: those are versions in the store, put in when it is pushed. */
  readonly artifact: Artifact;
  readonly includes?: readonly IncludeRequest[];
  /** A path as it is written in the file, or the policy itself; no part of the artifact's hash. */
  readonly policy: string | Readonly<Record<string, unknown>> | undefined;
  /** What is kept beside the version for readers and their tools; no part of the artifact's hash either. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

type Path = readonly (string | number)[];

/** Characters that one message, example or description may have in a prompt file. */
const MAX_TEXT = 1_000_000;

/** What a request is made of by other means, and so cannot be a parameter. */
const NOT_PARAMETERS: Readonly<Record<string, string>> = {
  model: "it is the file's own key `model`",
  messages: "they are the file's own key `messages`",
  system: "write a message with role system",
  tools: "they are the file's own key `tools`",
  stream: "streaming is up to the service that sends the request",
};

/** Names that mean something else inside a template, or inside JavaScript. */
const RESERVED_VARIABLES = new Set(
  (
    "true false none True False None and or not in is if else elif for set loop range namespace self caller varargs " +
    "kwargs raise_exception __proto__ constructor prototype"
  ).split(" "),
);

/**
 * Reads a prompt file (YAML or JSON). The first thing that is wrong is an `invalid_input` error,
 * `file:line:column: what`. Templates are checked by `loadPromptFile`, which calls this.
 */
export function readPromptFile(text: string, name: string): PromptFile {
  return readPromptDocument(withTextAsMessage(readSource(text, name))).file;
}

/**
 * The prompts of a file, each as a document of its own that says where it stands in the whole: the file itself,
 * or every entry of its list `prompts`.
 */
export function promptDocuments(text: string, name: string): PromptDocument[] {
  return promptsOf(text, name).map(withTextAsMessage);
}

/** What a prompt file holds, as it is written: a value for each of its prompts. */
export function promptValues(text: string, name: string): unknown[] {
  return promptsOf(text, name).map(({ value }) => value);
}

function promptsOf(text: string, name: string): SourceDocument[] {
  const whole = readSource(text, name);
  const value = whole.value as { readonly prompts?: unknown } | null;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "prompts")) return [whole];
  const { prompts, ...others } = value;
  const [other] = Object.keys(others).filter((key) => key !== "$schema");
  if (other !== undefined)
    refuse(whole, [other], `does not go with "prompts", the list of this file's prompts`, "key");
  if (!Array.isArray(prompts) || prompts.length === 0)
    refuse(whole, ["prompts"], "must be a list of prompts, with at least one");
  return (prompts as unknown[]).map((prompt, index) => ({
    name,
    value: prompt,
    locate: (path, at) => whole.locate(["prompts", index, ...path], path.length > 0 ? at : "value"),
  }));
}

/**
 * {@link readPromptFile} of a document that knows where everything stands, with the place in the file's list of
 * each message of the artifact.
 */
export function readPromptDocument(document: PromptDocument): {
  file: PromptFile;
  places: readonly number[];
} {
  const { name } = document;
  if (typeof document.value !== "object" || document.value === null || Array.isArray(document.value))
    throw invalidInput(
      `${document.locate([])}: a prompt file is a mapping with the keys name, model and messages`,
      {
        file: name,
      },
    );
  checkText(document, document.value, []);
  checkVariableNames(document);
  const input = checkSource(document, promptFileSchema);
  const artifact = toArtifact(input, document.isText === true);
  if (artifact.whitespace && artifact.syntax !== "jinja")
    refuse(document, ["whitespace"], "is for syntax jinja only", "key");
  checkVariables(document, artifact.variables);
  checkParams(document, artifact.params);
  for (const [index, fallback] of (artifact.fallbacks ?? []).entries())
    if (typeof fallback !== "string") checkParams(document, fallback.params, ["fallbacks", index, "params"]);
  checkMessages(document, input);
  checkSchemas(document, input);
  const includes = readIncludes(document, input);
  return {
    places: input.messages.flatMap((one, index) => (one.include === undefined ? [index] : [])),
    file: {
      name: input.name,
      description: input.description,
      tags: [...new Set(input.tags)],
      artifact,
      ...(includes.length > 0 && { includes }),
      policy: input.policy,
      metadata: input.metadata ?? {},
    },
  };
}

/** Two files that mean the same give the same artifact: what is not set is left out, not written as empty. */
function toArtifact(input: PromptFileInput, isText: boolean): Artifact {
  const variables = Object.entries(input.variables ?? {}).map(([name, spec]): [string, VariableSpec] => {
    const { required, untrusted, trusted, ...rest } = spec;
    return [
      name,
      {
        ...rest,
        ...(required && { required }),
        ...(untrusted && { untrusted }),
        ...(trusted && { trusted }),
      } as VariableSpec,
    ];
  });
  return {
    syntax: input.syntax ?? "jinja",
    ...(input.whitespace && { whitespace: input.whitespace }),
    ...(isText && { format: "text" as const }),
    model: input.model,
    params: input.params ?? {},
    ...(input.fallbacks?.length && { fallbacks: input.fallbacks }),
    variables: Object.fromEntries(variables),
    messages: input.messages
      .filter(({ include }) => include === undefined)
      // Two names of one role: OpenAI's newer models say developer, and take both.
      .map((one) => (one.role === "developer" ? { ...one, role: "system" } : one)) as Artifact["messages"],
    ...(input.examples?.length && { examples: input.examples }),
    ...(input.tools?.length && { tools: input.tools as NonNullable<Artifact["tools"]> }),
    ...(input.output_schema && { output_schema: input.output_schema }),
    ...(input.config && { config: input.config }),
  };
}

function readIncludes(document: SourceDocument, { messages }: PromptFileInput): IncludeRequest[] {
  let at = 0;
  return messages.flatMap(({ include, label }, index): IncludeRequest[] => {
    if (include === undefined) {
      at++;
      return [];
    }
    const read = readInclude(include, label);
    const where = document.locate(["messages", index, "include"]);
    return typeof read === "string" ? [] : [{ ...read, at, where }];
  });
}

function refuse(document: SourceDocument, path: Path, problem: string, at: "key" | "value" = "value"): never {
  const where = path.length > 0 ? `${path.join(".")}: ` : "";
  throw invalidInput(`${document.locate(path, at)}: ${where}${problem}`, { file: document.name, path });
}

/** What else cannot be kept has been refused by whoever read the document. */
function checkText(document: SourceDocument, value: unknown, path: Path): void {
  if (typeof value === "string") {
    if (value.length > MAX_TEXT)
      refuse(document, path, `has ${counted(value.length, "character")}; ${MAX_TEXT} is the most`);
  } else if (typeof value === "object" && value !== null)
    for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value))
      checkText(document, item, [...path, key]);
}

/** Before the schema, which would leave out a key such as `__proto__` in silence. */
function checkVariableNames(document: SourceDocument): void {
  const variables = (document.value as { variables?: unknown } | null)?.variables;
  if (typeof variables !== "object" || variables === null) return;
  for (const name of Object.keys(variables)) {
    const path = ["variables", name];
    if (!isIdentifier(name)) refuse(document, path, `is not a variable name: ${identifierProblem}`, "key");
    if (RESERVED_VARIABLES.has(name)) refuse(document, path, "is a reserved name; choose another", "key");
  }
}

function checkVariables(document: SourceDocument, variables: Artifact["variables"]): void {
  for (const [name, spec] of Object.entries(variables)) {
    const path = ["variables", name];
    if (spec.max_length !== undefined && (spec.type === "number" || spec.type === "boolean"))
      refuse(document, [...path, "max_length"], `does not apply to a ${spec.type}`);
    const { enum: allowed, ...free } = spec;
    allowed?.forEach((value, index) => {
      const checked = checkVariable(free, value);
      if ("problem" in checked) refuse(document, [...path, "enum", index], checked.problem);
    });
    if (spec.default === undefined) continue;
    const checked = checkVariable(spec, spec.default);
    if ("problem" in checked) refuse(document, [...path, "default"], checked.problem);
  }
}

function checkParams(document: SourceDocument, params: Artifact["params"], at: Path = ["params"]): void {
  for (const [key, value] of Object.entries(params)) {
    const path = [...at, key];
    const instead = Object.hasOwn(NOT_PARAMETERS, key) ? NOT_PARAMETERS[key] : undefined;
    if (instead) refuse(document, path, `is not a parameter: ${instead}`, "key");
    if (key === "response_format") checkResponseFormat(document, value, path);
    if (/^max_(?:completion_)?tokens$/.test(key) && !(Number.isSafeInteger(value) && (value as number) > 0))
      refuse(document, path, "must be a whole number, 1 or more");
    if (
      /^(?:temperature|top_p|(?:frequency|presence)_penalty|seed|top_k)$/.test(key) &&
      typeof value !== "number"
    )
      refuse(document, path, "must be a number");
  }
}

const FORMATS = new Set(["text", "json_object", "json_schema"]);

/** JSON mode, or how the `output_schema` is asked for; never a second schema. */
function checkResponseFormat(document: SourceDocument, format: unknown, path: Path): void {
  const { type, json_schema: requested } = (format ?? {}) as { type?: unknown; json_schema?: unknown };
  if (typeof type !== "string" || !FORMATS.has(type))
    refuse(document, path, "must be { type: json_object }, or { type: json_schema } beside an output_schema");
  if (type === "json_schema" && !(document.value as { output_schema?: unknown }).output_schema)
    refuse(document, path, "write the schema as the file's own key `output_schema`");
  if (typeof requested === "object" && requested !== null && "schema" in requested)
    refuse(document, [...path, "json_schema", "schema"], "use the file's own key `output_schema`", "key");
}

function checkMessages(document: SourceDocument, input: PromptFileInput): void {
  const placeholders = new Set<string>();
  input.messages.forEach(({ placeholder }, index) => {
    if (placeholder === undefined) return;
    if (placeholders.has(placeholder))
      refuse(document, ["messages", index, "placeholder"], `${shown(placeholder)} stands here a second time`);
    placeholders.add(placeholder);
  });
  if (placeholders.size === input.messages.length)
    refuse(document, ["messages"], "a prompt needs at least one message of its own beside its placeholders");
}

function checkSchemas(document: SourceDocument, input: PromptFileInput): void {
  const names = new Set<string>();
  input.tools?.forEach(({ function: tool }, index) => {
    const path = ["tools", index, "function"];
    if (names.has(tool.name))
      refuse(document, [...path, "name"], `there is a tool ${shown(tool.name)} already`);
    names.add(tool.name);
    checkSchema(document, tool.parameters, [...path, "parameters"]);
  });
  checkSchema(document, input.output_schema, ["output_schema"]);
}

function checkSchema(
  document: SourceDocument,
  schema: Record<string, unknown> | undefined,
  path: Path,
): void {
  if (!schema) return;
  if (schema["type"] !== "object")
    refuse(document, path, `must be a JSON Schema with "type": "object" at its top`);
  const found = schemaShapeProblem(schema, path);
  if (found) refuse(document, found.path, found.problem);
}

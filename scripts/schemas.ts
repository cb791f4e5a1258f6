import { readFileSync } from "node:fs";
import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { policyFile } from "../src/domain/policy/policy-schema.ts";
import { promptFileSchema } from "../src/domain/prompt/prompt-file-schema.ts";
import { repositoryFileSchema } from "../src/domain/sync/repository-file.ts";
import { datasetObject, testList } from "../src/evaluation/dataset/dataset-schema.ts";

type Json = { [key: string]: unknown };
type Schema = v.GenericSchema<unknown, unknown>;

/**
 * The JSON Schemas of the files that people write, by name: made from the schemas that read those files, with what the
 * reference pages say of each key. Draft 7, which editors know best. They are never stricter than Sluice, which also
 * checks what no such schema can say.
 */
export function makeSchemas(): Record<string, Json> {
  const policy = convert(policyFile, descriptions("policy.md"));
  const prompt = convert(promptFileSchema, descriptions("prompt-file.md"));
  const single = withText(prompt.schema);
  return {
    sluice: titled(
      "sluice.yaml of a repository",
      withPolicy(convert(repositoryFileSchema, descriptions("git.md")), policy),
    ),
    policy: titled("A rollout policy of Sluice", policy),
    prompt: titled(
      "A prompt file of Sluice",
      withPolicy(
        {
          schema: {
            anyOf: [
              { $ref: "#/definitions/prompt" },
              {
                type: "object",
                properties: {
                  $schema: { type: "string" },
                  prompts: { type: "array", minItems: 1, items: { $ref: "#/definitions/prompt" } },
                },
                required: ["prompts"],
                additionalProperties: false,
              },
            ],
          },
          definitions: { ...prompt.definitions, prompt: single },
        },
        policy,
      ),
    ),
    dataset: titled(
      "Test cases of Sluice, in promptfoo's format",
      convert([testList, datasetObject], descriptions("evaluation.md")),
    ),
  };
}

interface Converted {
  readonly schema: Json;
  readonly definitions: Json;
}

function titled(title: string, { schema, definitions }: Converted): Json {
  const rest = Object.keys(definitions).length > 0 ? { definitions } : {};
  return { $schema: "http://json-schema.org/draft-07/schema#", title, ...schema, ...rest };
}

/** One schema, with those that it names more than once under `definitions`. */
function convert(schema: Schema | readonly Schema[], told: ReadonlyMap<string, string>): Converted {
  const definitions: Json = {};
  const names = new Map<unknown, string>();
  const json = (one: Schema): Json => {
    const {
      $schema: _,
      $defs: __,
      ...made
    } = toJsonSchema(one, {
      typeMode: "input",
      errorMode: "ignore",
      target: "draft-07",
      overrideSchema: ({ valibotSchema }) => override(valibotSchema),
    }) as Json;
    return made;
  };
  const override = (given: unknown): Json | undefined => {
    const { options, type, message } = given as { options?: Schema[]; type?: string; message?: unknown };
    if (type === "string" && String(message).startsWith("write a duration"))
      return { type: "string", pattern: String.raw`^\s*\d+(\.\d+)?(ms|s|m|h|d)\s*$` };
    // A choice by form: what may stand there, whichever was meant.
    if (type !== "lazy" || !options) return undefined;
    const known = names.get(given);
    const name = known ?? `choice${names.size + 1}`;
    if (known === undefined) {
      names.set(given, name);
      definitions[name] = { anyOf: options.map(json) };
    }
    return { $ref: `#/definitions/${name}` };
  };
  const made = clean("kind" in schema ? json(schema) : { anyOf: schema.map(json) }) as Json;
  const cleaned = Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, clean(one)]));
  describe(made, told);
  for (const one of Object.values(cleaned)) describe(one as Json, told);
  return { schema: made, definitions: cleaned };
}

/** Without what the conversion leaves behind: definitions that nothing names, empty lists of required keys. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, one]) => key !== "$defs" && !(key === "required" && Array.isArray(one) && one.length === 0),
      )
      .map(([key, one]) => [key, clean(one)]),
  );
}

/** `text` may stand in place of `messages`, and a message has one of three forms. */
function withText(schema: Json): Json {
  const { required, properties, ...rest } = schema as { required: string[]; properties: Json };
  const { messages, ...others } = properties as { messages: { items: Json } };
  const forms = [["role", "content"], ["placeholder"], ["include"]].map((keys) => ({ required: keys }));
  return {
    ...rest,
    properties: {
      ...others,
      messages: { ...messages, items: { ...messages.items, anyOf: forms } },
      text: {
        type: "string",
        minLength: 1,
        description: "in place of messages: one text, sent as the user's message",
      },
    },
    required: required.filter((key) => key !== "messages"),
    oneOf: [{ required: ["messages"] }, { required: ["text"] }],
  };
}

/** A policy that is written in place is one as its own file has it. */
function withPolicy({ schema, definitions }: Converted, policy: Converted): Converted {
  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        const { anyOf, ...rest } = (one ?? {}) as { anyOf?: Json[] };
        if (key !== "policy" || !anyOf) return [key, place(one)];
        return [key, { ...rest, anyOf: [anyOf[0], { $ref: "#/definitions/policy" }] }];
      }),
    );
  };
  const inPlace = { ...policy.definitions, policy: policy.schema };
  return { schema: place(schema) as Json, definitions: { ...(place(definitions) as Json), ...inPlace } };
}

/** What a reference page says of each key, by the key alone: the first that a page tells is the one nearest the top. */
function descriptions(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(`../docs/reference/${page}`, import.meta.url), "utf8");
  const told = new Map<string, string>();
  for (const [, keys, cells] of text.matchAll(/^\| (?:of [a-z ]+: )?((?:`[^`|]+`(?:, )?)+) +\| (.+) \|$/gm)) {
    const words = cells!.split(" | ").at(-1)!.trim();
    const plain = words.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1").replaceAll("`", "");
    for (const [, key] of keys!.matchAll(/`([^`]+)`/g)) {
      const last = key!.split(".").at(-1)!;
      if (/^\w+$/.test(last) && !told.has(last)) told.set(last, plain);
    }
  }
  return told;
}

function describe(schema: Json, told: ReadonlyMap<string, string>): void {
  for (const [key, value] of Object.entries(schema)) {
    if (typeof value !== "object" || value === null) continue;
    if (key === "properties")
      for (const [name, one] of Object.entries(value as Record<string, Json>)) {
        const words = told.get(name);
        if (words !== undefined && !("$ref" in one)) one["description"] = words;
      }
    describe(value as Json, told);
  }
}

import * as v from "valibot";
import { byForm, oneOrMore, textOr } from "./by-form.ts";
import { datasetObject } from "./dataset-schema.ts";

/** A promptfoo configuration, the part of it that Sluice runs; an unknown key is an error that names it. */

const text = v.string("write a text");
const whole = v.pipe(
  v.number("write a whole number"),
  v.integer("write a whole number"),
  v.minValue(1, "write 1 or more"),
);

const prompt = textOr(
  v.strictObject({
    id: v.optional(text),
    label: v.optional(text),
    raw: v.optional(text),
    file: v.optional(text),
  }),
);
export type PromptSource = v.InferOutput<typeof prompt>;

/** Parameters of a call that are handed on as they are, to either vendor. */
const modelConfig = v.strictObject({
  temperature: v.optional(v.number()),
  max_tokens: v.optional(whole),
  max_completion_tokens: v.optional(whole),
  top_p: v.optional(v.number()),
  top_k: v.optional(v.number()),
  seed: v.optional(v.number()),
  stop: v.optional(v.union([text, v.array(text)])),
  frequency_penalty: v.optional(v.number()),
  presence_penalty: v.optional(v.number()),
  reasoning_effort: v.optional(text),
  verbosity: v.optional(text),
  thinking: v.optional(v.record(v.string(), v.unknown())),
  tool_choice: v.optional(v.unknown()),
  parallel_tool_calls: v.optional(v.boolean()),
  tools: v.optional(textOr(v.array(v.record(v.string(), v.unknown())))),
  response_format: v.optional(textOr(v.record(v.string(), v.unknown()))),
  apiBaseUrl: v.optional(text),
  apiHost: v.optional(text),
  apiKey: v.optional(text),
  apiKeyEnvar: v.optional(text),
});
export type ModelConfig = v.InferOutput<typeof modelConfig>;

const providerEntries = {
  label: v.optional(text),
  config: v.optional(modelConfig),
  prompts: v.optional(v.array(text)),
};
const providerWithId = v.strictObject({ id: text, ...providerEntries });
/** `openai:gpt-5-mini: { config: … }`: the id as the only key. */
const providerByName = v.pipe(
  v.record(text, v.strictObject(providerEntries)),
  v.transform((given): v.InferOutput<typeof providerWithId> => {
    const [[id, rest]] = Object.entries(given) as [
      [string, v.InferOutput<v.ObjectSchema<typeof providerEntries, undefined>>],
    ];
    return { id, ...rest };
  }),
);
export type ProviderSource = string | v.InferOutput<typeof providerWithId>;
const provider = byForm<ProviderSource>([text, providerWithId, providerByName], (value) => {
  if (typeof value !== "object" || value === null) return text;
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0]!.includes(":") ? providerByName : providerWithId;
});

/** Keys that say how promptfoo shows or shares its results: they change no verdict. */
const withoutEffect = {
  tags: v.optional(v.unknown()),
  sharing: v.optional(v.unknown()),
  outputPath: v.optional(v.unknown()),
  writeLatestResults: v.optional(v.unknown()),
  metadata: v.optional(v.unknown()),
  commandLineOptions: v.optional(v.unknown()),
  $schema: v.optional(v.unknown()),
};

export const promptfooConfig = v.strictObject({
  ...datasetObject.entries,
  prompts: oneOrMore(prompt, "write prompts as a list"),
  providers: v.optional(oneOrMore(provider, "write providers as a list")),
  targets: v.optional(oneOrMore(provider, "write targets as a list")),
  evaluateOptions: v.optional(
    v.strictObject({
      repeat: v.optional(v.pipe(whole, v.maxValue(100, "write 100 at most"))),
      maxConcurrency: v.optional(whole),
      showProgressBar: v.optional(v.unknown()),
      cache: v.optional(v.unknown()),
    }),
  ),
  ...withoutEffect,
});
export type PromptfooSource = v.InferOutput<typeof promptfooConfig>;

/** Whether a document is a promptfoo configuration rather than a dataset or a prompt file. */
export function isPromptfooConfig(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "prompts" in value &&
    ("tests" in value || "providers" in value || "targets" in value || "scenarios" in value)
  );
}

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

/** Parameters of a call that are handed on as they are, to either vendor. */
const modelConfigEntries = {
  temperature: v.optional(v.number()),
  max_tokens: v.optional(whole),
  max_completion_tokens: v.optional(whole),
  max_output_tokens: v.optional(whole),
  top_p: v.optional(v.number()),
  top_k: v.optional(v.number()),
  seed: v.optional(v.number()),
  stop: v.optional(v.union([text, v.array(text)])),
  frequency_penalty: v.optional(v.number()),
  presence_penalty: v.optional(v.number()),
  reasoning_effort: v.optional(text),
  reasoning: v.optional(v.record(v.string(), v.unknown())),
  instructions: v.optional(text),
  user: v.optional(text),
  store: v.optional(v.boolean()),
  logprobs: v.optional(v.unknown()),
  top_logprobs: v.optional(v.unknown()),
  service_tier: v.optional(text),
  verbosity: v.optional(text),
  thinking: v.optional(v.record(v.string(), v.unknown())),
  tool_choice: v.optional(v.unknown()),
  parallel_tool_calls: v.optional(v.boolean()),
  tools: v.optional(textOr(v.array(textOr(v.record(v.string(), v.unknown()))))),
  functions: v.optional(textOr(v.array(v.record(v.string(), v.unknown())))),
  function_call: v.optional(v.unknown()),
  response_format: v.optional(textOr(v.record(v.string(), v.unknown()))),
  apiBaseUrl: v.optional(text),
  apiHost: v.optional(text),
  apiKey: v.optional(text),
  apiKeyEnvar: v.optional(text),
};
const modelConfig = v.strictObject(modelConfigEntries);
export type ModelConfig = v.InferOutput<typeof modelConfig>;

const prompt = textOr(
  v.strictObject({
    id: v.optional(text),
    label: v.optional(text),
    raw: v.optional(text),
    file: v.optional(text),
    config: v.optional(modelConfig),
  }),
);
export type PromptSource = v.InferOutput<typeof prompt>;

const providerEntries = {
  label: v.optional(text),
  config: v.optional(modelConfig),
  transform: v.optional(text),
  delay: v.optional(v.number("write milliseconds")),
  env: v.optional(v.unknown()),
  prompts: v.optional(v.array(text)),
};
const providerWithId = v.strictObject({ id: text, ...providerEntries });
/** `openai:gpt-5.4-mini: { config: … }`: the id as the only key. */
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
export const providerSource = byForm<ProviderSource>([text, providerWithId, providerByName], (value) => {
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
  // Says how tests were made, which are here by now.
  redteam: v.optional(v.unknown()),
};

const derivedMetric = v.strictObject({ name: text, value: text });

export const promptfooConfig = v.strictObject({
  ...datasetObject.entries,
  prompts: oneOrMore(prompt, "write prompts as a list"),
  providers: v.optional(oneOrMore(providerSource, "write providers as a list")),
  targets: v.optional(oneOrMore(providerSource, "write targets as a list")),
  evaluateOptions: v.optional(
    v.strictObject({
      repeat: v.optional(v.pipe(whole, v.maxValue(100, "write 100 at most"))),
      maxConcurrency: v.optional(whole),
      delay: v.optional(v.pipe(v.number("write milliseconds"), v.minValue(0, "write milliseconds"))),
      showProgressBar: v.optional(v.unknown()),
      cache: v.optional(v.unknown()),
    }),
  ),
  derivedMetrics: v.optional(v.array(derivedMetric, "write derived metrics as a list")),
  env: v.optional(v.record(v.string(), v.unknown())),
  extensions: v.optional(v.unknown()),
  nunjucksFilters: v.optional(v.record(v.string(), text, "write filters as name: file")),
  ...withoutEffect,
});
export type PromptfooSource = v.InferOutput<typeof promptfooConfig>;

/** Whether a document is a promptfoo configuration rather than a dataset or a prompt file. */
export function isPromptfooConfig(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const has = (...keys: string[]) => keys.some((key) => key in value);
  const isAsked = has("providers", "targets");
  return (has("prompts") && (isAsked || has("tests", "scenarios"))) || (isAsked && has("redteam"));
}

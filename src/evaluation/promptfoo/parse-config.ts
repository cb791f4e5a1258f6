import type { Artifact, VariableSpec } from "../../domain/prompt/artifact.ts";
import { invalidInput, SluiceError } from "../../domain/errors.ts";
import { checkSource, readSource, type SourceDocument } from "../../domain/prompt/source-document.ts";
import { contentTexts } from "../../domain/prompt/content-parts.ts";
import { compileTemplate } from "../../templates/compile.ts";
import type { CallEndpoint } from "../../providers/completion.ts";
import { eachVendor } from "../../domain/models/vendors.ts";
import type { CaseModel, Dataset } from "../dataset/dataset.ts";
import type { ArmWay } from "../running/arm-way.ts";
import { CONVERSATION, keptNames } from "../dataset/case-sequence.ts";
import { fileReference, type FileSource, NO_FILES } from "../dataset/file-source.ts";
import { aboutTests } from "../dataset/name-test.ts";
import { parseDatasetParts } from "../dataset/parse-dataset.ts";
import { type ConfigAccess, configuredIn } from "./config-endpoint.ts";
import { promptfooConfig, type PromptfooSource, providerSource } from "../dataset/promptfoo-config-schema.ts";
import { withEnvironment } from "./environment.ts";
import { refuseWhatIsNotRun } from "./first-refusal.ts";
import { type ConfigPrompt, readPrompts } from "./read-prompts.ts";
import { type ConfigProvider, readProvider } from "./read-provider.ts";
import type { OwnFilters } from "../../templates/jinja/filter.ts";
import type { Script } from "../sandbox/run-script.ts";
import { scriptFilters } from "../sandbox/script-filters.ts";
import { shown } from "../../domain/text/visible.ts";

/** One prompt asked of one provider. */
export interface ConfigColumn {
  readonly label: string;
  readonly artifact: Artifact;
  /** Where it is asked, when the configuration says so. */
  readonly endpoint?: CallEndpoint;
  /** Its one text may render to a list of messages. */
  readonly isChatText?: boolean;
  readonly way: ArmWay;
}

export interface PromptfooConfig {
  readonly name: string;
  readonly dataset: Dataset;
  /** Every prompt with every provider, in the order they are written. */
  readonly columns: readonly ConfigColumn[];
  readonly repeats: number;
  readonly concurrency?: number;
}

export interface ConfigOptions {
  readonly files?: FileSource;
  /** What it may reach and know; without it no variable and no host but the vendors' own. */
  readonly access?: Partial<ConfigAccess>;
  /** The configuration as it has been read, where more than its text has been. */
  readonly document?: SourceDocument;
  /** Cases that the prompts are to be asked, in place of the configuration's own, which are then not read. */
  readonly dataset?: Dataset | undefined;
}

/**
 * Reads a `promptfooconfig.yaml`: prompts, providers `openai:*` and `anthropic:*`, tests and what they share.
 * What Sluice does not run is an `invalid_input` error that names it and its line, never skipped.
 */
export function parsePromptfooConfig(
  text: string,
  name: string,
  options: ConfigOptions = {},
): PromptfooConfig {
  const { files = NO_FILES } = options;
  const access: ConfigAccess = {
    own: eachVendor((_, { url }) => url),
    hosts: [],
    env: {},
    ...options.access,
  };
  const written = options.document ?? readSource(text, name);
  const configured = configuredIn(access);
  refuseWhatIsNotRun(written, configured);
  const document = withEnvironment(written, access.env);
  const source = aboutTests(document, () => checkSource(document, promptfooConfig));
  const configuration = {
    configured,
    readModel(provider: unknown, where: string): CaseModel {
      const checked = checkSource({ ...document, value: provider, locate: () => where }, providerSource);
      const { target, settings, endpoint, way } = readProvider(checked, provider, where, files, access);
      const model = `${target.provider}/${target.model}`;
      return { model, ...settings(), ...(endpoint && { endpoint }), ...(way.api && { api: way.api }) };
    },
  };
  const dataset = withNotes(
    options.dataset ?? parseDatasetParts(document, source, files, configuration),
    source,
  );
  const prompts = listOf(source.prompts).flatMap((prompt, index) =>
    readPrompts(
      prompt,
      document.locate(Array.isArray(source.prompts) ? ["prompts", index] : ["prompts"]),
      files,
    ),
  );
  const columns = readProviders(source, written, document, files, access).flatMap((provider) =>
    prompts
      .filter(({ label }) => !provider.prompts || provider.prompts.includes(label))
      .map((prompt) => ({ prompt, provider })),
  );
  if (columns.length === 0) throw invalidInput(`${name}: no prompt is asked of any provider`, { file: name });
  const filters = readFilters(source, document, files);
  const names = promptNames(prompts, name, scriptFilters(filters));
  const later = [CONVERSATION, ...keptNames(dataset.cases)];
  const isSequence =
    later.length > 1 || names.has(CONVERSATION) || dataset.cases.some(({ serial }) => serial);
  const variables = declare(names, dataset, later);
  const { delay: pause = 0, maxConcurrency } = source.evaluateOptions ?? {};
  const delay = pause > 0 ? { delayMs: pause } : {};
  const isSlow = columns.some(({ provider }) => (provider.way.delayMs ?? pause) > 0);
  return {
    name,
    dataset: isSequence ? { ...dataset, isSequence } : dataset,
    columns: columns.map(({ prompt, provider }) => ({
      label: columns.length === 1 ? prompt.label : `${provider.label}: ${prompt.label}`,
      artifact: toArtifact(prompt, provider, variables),
      way: { ...delay, ...provider.way, ...(filters && { filters }) },
      ...(provider.endpoint && { endpoint: provider.endpoint }),
      ...(prompt.isChatText && { isChatText: true }),
    })),
    repeats: source.evaluateOptions?.repeat ?? 1,
    // One after the other, or the pause would be none.
    ...(isSlow ? { concurrency: 1 } : maxConcurrency === undefined ? {} : { concurrency: maxConcurrency }),
  };
}

/** A dataset with what its author should know of the rest of its configuration. */
function withNotes(dataset: Dataset, source: PromptfooSource): Dataset {
  if (!source.derivedMetrics || source.derivedMetrics.length === 0) return dataset;
  const names = source.derivedMetrics.map(({ name }) => name).join(", ");
  const note = `derived metrics are not computed; they decide nothing: ${names}`;
  return { ...dataset, warnings: [...dataset.warnings, note] };
}

function readProviders(
  source: PromptfooSource,
  written: SourceDocument,
  document: SourceDocument,
  files: FileSource,
  access: ConfigAccess,
): ConfigProvider[] {
  const key = source.providers === undefined ? "targets" : "providers";
  const given = source[key];
  if (given === undefined)
    throw invalidInput(`${document.name}: there are no providers; add providers: [openai:MODEL]`, {
      file: document.name,
    });
  const raw = listOf((written.value as Record<string, unknown>)[key]);
  return listOf(given).map((provider, index) => {
    const where = document.locate(Array.isArray(given) ? [key, index] : [key]);
    return readProvider(provider, raw[index], where, files, access);
  });
}

function listOf<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}

/** Filters that files export; in promptfoo they are for prompts alone. */
function readFilters(
  { nunjucksFilters }: PromptfooSource,
  document: SourceDocument,
  files: FileSource,
): Record<string, Script> | undefined {
  const given = Object.entries(nunjucksFilters ?? {});
  if (given.length === 0) return undefined;
  const read = ([name, file]: [string, string]) => {
    const where = document.locate(["nunjucksFilters", name]);
    return [name, files.script(`file://${fileReference(file) ?? file}`, where)] as const;
  };
  return Object.fromEntries(given.map(read));
}

/** Every variable that a prompt reads; a template that is not valid is an error naming the prompt. */
function promptNames(prompts: readonly ConfigPrompt[], name: string, filters: OwnFilters): Set<string> {
  const names = new Set<string>();
  for (const { label, messages } of prompts)
    for (const message of messages) {
      if (!("content" in message)) continue;
      try {
        for (const { text } of contentTexts(message.content))
          for (const one of compileTemplate("jinja", text, { filters }).names) names.add(one);
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        throw invalidInput(`${name}: prompt ${shown(label)}: ${error.message}`, {
          file: name,
          prompt: label,
        });
      }
    }
  return names;
}

/** Declares each variable with the type that its values in the cases have; what earlier cases give may be anything. */
function declare(
  names: ReadonlySet<string>,
  dataset: Dataset,
  later: readonly string[],
): Record<string, VariableSpec> {
  const variables: Record<string, VariableSpec> = {};
  for (const name of names) {
    if (later.includes(name)) {
      variables[name] = { type: "json" };
      continue;
    }
    const types = new Set(dataset.cases.flatMap(({ vars, wholeLists }) => typesOf(vars[name], wholeLists)));
    const [only] = types;
    variables[name] = { type: types.size === 1 && only ? only : types.size === 0 ? "string" : "json" };
  }
  return variables;
}

function typesOf(value: unknown, wholeLists: boolean | undefined): VariableSpec["type"][] {
  if (value === undefined) return [];
  // A list stands for one case per item, so the variable has the type of the items.
  if (Array.isArray(value))
    return wholeLists || typeof value[0] !== "string"
      ? ["list"]
      : value.flatMap((item) => typesOf(item, true));
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return [typeof value as "string" | "number" | "boolean"];
  return ["json"];
}

function toArtifact(
  prompt: ConfigPrompt,
  { target, settings }: ConfigProvider,
  variables: Record<string, VariableSpec>,
): Artifact {
  return {
    syntax: "jinja",
    model: `${target.provider}/${target.model}`,
    variables,
    messages: prompt.messages,
    ...settings(prompt.config),
  };
}

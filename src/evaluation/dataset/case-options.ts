import { invalidInput } from "../../domain/errors.ts";
import type { CaseModel, TestCase } from "./dataset.ts";
import type { TestCaseSource } from "./dataset-schema.ts";
import type { FileSource } from "./file-source.ts";

/** What a configuration reads otherwise than a dataset does. */
export interface ConfigurationReading {
  /** A test's own provider. */
  /** Providers that a file names, beside those that are built in. */
  readonly configured: readonly string[];
  readonly readModel: (source: unknown, where: string) => CaseModel;
}

/** A case with what all cases share, its own going before. */
export function withDefaults(own: TestCaseSource, shared: TestCaseSource | undefined): TestCaseSource {
  return {
    ...shared,
    ...own,
    options: { ...shared?.options, ...own.options },
    metadata: { ...shared?.metadata, ...own.metadata },
  };
}

/** What a case says of how it is asked and how its answer is read, its own and what all cases share together. */
export function caseOptions(
  { options = {}, metadata, provider, providerOutput }: TestCaseSource,
  where: string,
  files: FileSource,
  configuration: ConfigurationReading | undefined,
): Partial<TestCase> {
  const { transform, transformVars, prefix, suffix, disableVarExpansion } = options;
  if (provider !== undefined && configuration === undefined)
    throw invalidInput(
      `${where}: a test with a provider of its own is run in a promptfoo configuration alone; elsewhere the version says which model is asked`,
      { where },
    );
  if (providerOutput !== undefined && configuration === undefined)
    throw invalidInput(
      `${where}: an answer that is given (providerOutput) is taken in a promptfoo configuration alone; elsewhere the version has to answer`,
      { where },
    );
  if (configuration === undefined && (prefix !== undefined || suffix !== undefined))
    throw invalidInput(
      `${where}: a prefix or a suffix is put around the prompts of a promptfoo configuration alone; elsewhere the version is its own text`,
      { where },
    );
  const { storeOutputAs, disableConversationVar, runSerially } = options;
  const isInOrder = [storeOutputAs, disableConversationVar, runSerially].some((one) => one !== undefined);
  if (configuration === undefined && isInOrder)
    throw invalidInput(
      `${where}: an answer is kept for later tests (storeOutputAs, runSerially, _conversation) in a promptfoo configuration alone; elsewhere each case is asked by itself`,
      { where },
    );
  const conversation = configuration && metadata?.["conversationId"];
  return {
    ...(storeOutputAs !== undefined && { keepAs: storeOutputAs }),
    ...(conversation !== undefined && {
      conversation: typeof conversation === "string" ? conversation : JSON.stringify(conversation),
    }),
    ...(runSerially && { serial: true as const }),
    ...(disableConversationVar && { freshConversation: true as const }),
    ...(transform !== undefined && { transform: files.script(transform, where) }),
    ...(transformVars !== undefined && { transformVars: files.script(transformVars, where) }),
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
    ...(disableVarExpansion && { wholeLists: true }),
    ...(provider !== undefined && configuration && { ownModel: configuration.readModel(provider, where) }),
    ...(providerOutput !== undefined &&
      providerOutput !== null &&
      // As in promptfoo: with an empty one the model is asked.
      providerOutput !== "" && {
        givenAnswer: typeof providerOutput === "string" ? providerOutput : JSON.stringify(providerOutput),
      }),
  };
}

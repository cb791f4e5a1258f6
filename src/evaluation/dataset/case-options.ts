import { invalidInput } from "../../domain/errors.ts";
import type { CaseModel, TestCase } from "./dataset.ts";
import type { TestCaseSource } from "./dataset-schema.ts";
import type { FileSource } from "./file-source.ts";

/** What a configuration reads otherwise than a dataset does. */
export interface ConfigurationReading {
  /** A test's own provider. */
  readonly readModel: (source: unknown, where: string) => CaseModel;
}

/** What a case says of how it is asked and how its answer is read, its own and what all cases share together. */
export function caseOptions(
  { options = {}, provider, providerOutput }: TestCaseSource,
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
  return {
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

import { counted, wordFor } from "../../domain/text/counted.ts";
import type * as v from "valibot";
import { invalidInput, SluiceError } from "../../domain/errors.ts";
import { checkSource, readSource, type SourceDocument } from "../../domain/prompt/source-document.ts";
import type { Assertion } from "../grading/assertions/assertion.ts";
import type { Dataset, TestCase } from "./dataset.ts";
import {
  type DatasetSource,
  datasetObject,
  scenarioList,
  type TestCaseSource,
  testList,
} from "./dataset-schema.ts";
import { caseOptions, type ConfigurationReading, withDefaults } from "./case-options.ts";
import { readVars } from "./case-vars.ts";
import { provesNothing } from "./proves-something.ts";
import { duplicates } from "./duplicates.ts";
import { fileReference, type FileSource, NO_FILES } from "./file-source.ts";
import { limitHeapGrowth } from "./limit-heap-growth.ts";
import { listPieces } from "./list-pieces.ts";
import { aboutTest, aboutTests } from "./name-test.ts";
import { readLines, readReference, readTable, readTests, type Written } from "./written-tests.ts";
import { type AssertionTemplates, readAssertions } from "./read-assertion.ts";
import { isPromptfooConfig, promptfooConfig } from "./promptfoo-config-schema.ts";
import { MAX_CASES, tooManyCases } from "./most-cases.ts";
import { isLines } from "./test-table.ts";

/**
 * Reads a dataset in promptfoo's format: a list of test cases, or an object with `tests`, `defaultTest`,
 * `assertionTemplates` and `scenarios`; `.csv` names are read as a table, `.jsonl` as a case a line. Everything wrong is one
 * `invalid_input` error that names file, line and column.
 *
 * @param name what to call it in messages, usually its path as the user gave it
 * @param files where `file://` references are read; without it there are none
 */
export function parseDataset(text: string, name: string, files: FileSource = NO_FILES): Dataset {
  if (name.toLowerCase().endsWith(".csv")) return finish(name, readTable(text, name), undefined, {}, files);
  if (isLines(name)) return finish(name, readLines(text, name), undefined, {}, files);
  const inPieces = readPieces(text, name, files);
  if (inPieces) return inPieces;
  const document = readSource(text, name);
  if (document.value === null || document.value === undefined || document.value === "")
    throw invalidInput(`${name}: the dataset is empty; add test cases with vars and assert`, { file: name });
  if (Array.isArray(document.value)) {
    const list = aboutTests(document, () => checkSource(document, testList));
    return finish(name, readTests(list, document, [], files), undefined, {}, files);
  }
  const schema = isPromptfooConfig(document.value) ? promptfooConfig : datasetObject;
  return parseDatasetParts(
    document,
    aboutTests(document, () => checkSource(document, schema)),
    files,
  );
}

/** A long list, read piece by piece: what a reader knows of ten thousand cases at once takes hundreds of MB. */
function readPieces(text: string, name: string, files: FileSource): Dataset | undefined {
  const pieces = listPieces(text);
  if (!pieces) return undefined;
  limitHeapGrowth();
  try {
    const parts = pieces.map((piece) => {
      const document = readSource(piece.text, name, piece.firstLine);
      return toCases(readTests(checkSource(document, testList), document, [], files), undefined, {}, files);
    });
    return datasetOf(
      name,
      parts.flatMap(({ cases }) => cases),
      parts.flatMap(({ warnings }) => warnings),
    );
  } catch (error) {
    // Read as a whole it is named by its number in the list, if it is an error at all.
    if (error instanceof SluiceError) return undefined;
    throw error;
  }
}

/**
 * The dataset in an object that has already been checked: a dataset file, or a promptfoo configuration, in which a
 * test may have a model of its own, and one that asserts nothing is asked all the same.
 */
export function parseDatasetParts(
  document: SourceDocument,
  source: Pick<
    v.InferOutput<typeof datasetObject>,
    "tests" | "scenarios" | "defaultTest" | "assertionTemplates"
  >,
  files: FileSource,
  configuration?: ConfigurationReading,
): Dataset {
  const written = [
    ...(source.tests === undefined ? [] : readTests(source.tests, document, ["tests"], files)),
    ...(source.scenarios ?? []).flatMap((scenario, index) =>
      readScenario(scenario, document, ["scenarios", index], files),
    ),
  ];
  const templates = source.assertionTemplates ?? {};
  const defaults = readDefaults(source.defaultTest, document, files);
  // Without tests a configuration asks its prompts as they are.
  const isBare = configuration && source.tests === undefined && source.scenarios === undefined;
  const tests = isBare ? [{ source: {}, document, path: [] }] : written;
  return finish(document.name, tests, defaults, templates, files, configuration);
}

/** What all cases share, given in place or as a file of its own. */
function readDefaults(
  source: DatasetSource["defaultTest"],
  document: SourceDocument,
  files: FileSource,
): TestCaseSource | undefined {
  if (typeof source !== "string") return source;
  const [written, ...others] = readReference(source, document, ["defaultTest"], files);
  if (written && others.length === 0) return written.source;
  throw invalidInput(`${document.locate(["defaultTest"])}: ${source} must hold one test case`, {
    file: document.name,
  });
}

/** A scenario: each of its configurations with each of its tests, here or in files of their own. */
function readScenario(
  source: NonNullable<DatasetSource["scenarios"]>[number],
  document: SourceDocument,
  path: readonly (string | number)[],
  files: FileSource,
): Written[] {
  if (typeof source === "string") {
    const where = document.locate(path);
    return files.list(fileReference(source) ?? source, where).flatMap((file) => {
      const inFile = readSource(files.read(file, where), file);
      const isList = Array.isArray(inFile.value);
      const list = checkSource({ ...inFile, value: isList ? inFile.value : [inFile.value] }, scenarioList);
      return list.flatMap((one, index) => readScenario(one, inFile, isList ? [index] : [], files));
    });
  }
  const tests = readTests(source.tests, document, [...path, "tests"], files);
  return readTests(source.config, document, [...path, "config"], files).flatMap(({ source: config }) =>
    tests.map((test) => ({
      ...test,
      source: {
        ...config,
        ...test.source,
        vars: {
          ...readVars(config.vars, document.locate(path), files),
          ...readVars(test.source.vars, test.document.locate(test.path), files, test.folder),
        },
        assert: mergeAsserts(config, test.source),
      },
    })),
  );
}

function mergeAsserts(one: TestCaseSource, other: TestCaseSource) {
  return [...(one.assert ?? []), ...(other.assert ?? [])];
}

function finish(
  name: string,
  written: readonly Written[],
  defaults: TestCaseSource | undefined,
  templates: AssertionTemplates,
  files: FileSource,
  configuration?: ConfigurationReading,
): Dataset {
  if (written.length === 0)
    throw invalidInput(`${name}: the dataset has no test cases; add them under tests:`, { file: name });
  if (written.length > MAX_CASES) throw tooManyCases(name);
  const { cases, warnings } = toCases(written, defaults, templates, files, configuration);
  const dataset = datasetOf(name, cases, warnings);
  return configuration ? { ...dataset, allowsUnused: true } : dataset;
}

function toCases(
  written: readonly Written[],
  defaults: TestCaseSource | undefined,
  templates: AssertionTemplates,
  files: FileSource,
  configuration?: ConfigurationReading,
): { readonly cases: TestCase[]; readonly warnings: string[] } {
  const warnings: string[] = [];
  const cases: TestCase[] = [];
  for (const [position, one] of written.entries()) {
    const made = aboutTest(position, one.source.description, () =>
      toCase(one, defaults, templates, files, configuration),
    );
    warnings.push(...(one.warnings ?? []));
    const useless = configuration ? undefined : provesNothing(made);
    if (useless === undefined) cases.push(made);
    else warnings.push(`${made.where}: ${useless}`);
  }
  const unasserted = cases.filter(({ assert }) => assert.length === 0).length;
  if (unasserted > 0)
    warnings.push(
      `${unasserted === cases.length ? "no case asserts anything" : `${unasserted} of ${counted(cases.length, "case")} ${wordFor(unasserted, "asserts", "assert")} nothing`}: such a case passes when an answer comes, whatever it says`,
    );
  return { cases, warnings };
}

function datasetOf(name: string, cases: readonly TestCase[], warnings: readonly string[]): Dataset {
  if (cases.length === 0)
    throw invalidInput(`${name}: no test case asserts anything; add assert: to the cases or to defaultTest`, {
      file: name,
    });
  return { name, cases, warnings: [...warnings, ...duplicates(cases)] };
}

function toCase(
  { source, document, path, folder }: Written,
  defaults: TestCaseSource | undefined,
  templates: AssertionTemplates,
  files: FileSource,
  configuration?: ConfigurationReading,
): TestCase {
  const where = document.locate(path);
  const merged = withDefaults(source, defaults);
  const { options = {} } = merged;
  const context = { templates, files, options, configured: configuration?.configured ?? [] };
  const own = readAssertions(source.assert ?? [], document, [...path, "assert"], context);
  const shared = readAssertions(defaults?.assert ?? [], document, ["defaultTest", "assert"], context);
  const { threshold } = merged;
  return {
    ...(source.description !== undefined && { description: String(source.description) }),
    vars: {
      ...readVars(defaults?.vars, where, files),
      ...readVars(source.vars, document.locate([...path, "vars"]), files, folder),
    },
    assert: [...shared, ...own] satisfies Assertion[],
    ...(threshold !== undefined && { threshold }),
    ...caseOptions(merged, where, files, configuration),
    where,
  };
}

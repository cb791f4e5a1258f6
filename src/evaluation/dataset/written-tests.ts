import { posix } from "node:path";
import * as v from "valibot";
import { checkSource, readSource, type SourceDocument } from "../../domain/prompt/source-document.ts";
import { type DatasetSource, type TestCaseSource, testCase } from "./dataset-schema.ts";
import { fileReference, type FileSource } from "./file-source.ts";
import { aboutTests } from "./name-test.ts";
import { isLines, readRow, readTestTable } from "./test-table.ts";

/** A test case as written, and where. */
export interface Written {
  readonly source: TestCaseSource;
  readonly document: SourceDocument;
  readonly path: readonly (string | number)[];
  readonly warnings?: readonly string[];
  /** Of the file it stands in, where that is not the one everything is named from. */
  readonly folder?: string;
}

/** A `tests` value: cases, references to files of cases, or one such reference. */
export function readTests(
  source: NonNullable<DatasetSource["tests"]>,
  document: SourceDocument,
  path: readonly (string | number)[],
  files: FileSource,
): Written[] {
  if (typeof source === "string") return readReference(source, document, path, files);
  return source.flatMap((item, index) =>
    typeof item === "string"
      ? readReference(item, document, [...path, index], files)
      : [{ source: item, document, path: [...path, index] }],
  );
}

export function readReference(
  reference: string,
  from: SourceDocument,
  path: readonly (string | number)[],
  files: FileSource,
): Written[] {
  const where = from.locate(path);
  const file = fileReference(reference) ?? reference;
  return files.list(file, where).flatMap((one) => {
    const text = files.read(one, where);
    if (one.toLowerCase().endsWith(".csv")) return readTable(text, one);
    if (isLines(one)) return readLines(text, one);
    const document = readSource(text, one);
    const isList = Array.isArray(document.value);
    const given = [document.value].flat(1);
    const rows = given.map((item, index) => readRow(item, document.locate(isList ? [index] : []), one));
    const asCases = { ...document, value: isList ? rows : rows[0] };
    const list = isList
      ? aboutTests(asCases, () => checkSource(asCases, v.array(testCase)))
      : [checkSource(asCases, testCase)];
    return list.map((source, index) => ({
      source,
      folder: posix.dirname(one),
      document,
      path: isList ? [index] : [],
    }));
  });
}

/** JSON Lines: a test case on each line. */
export function readLines(text: string, name: string): Written[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === "") return [];
    const document = readSource(line, name, index + 1);
    const value = readRow(document.value, document.locate([]), name);
    return [{ source: checkSource({ ...document, value }, testCase), document, path: [] }];
  });
}

export function readTable(text: string, name: string): Written[] {
  return readTestTable(text, name).map(({ source, document, warnings }) => ({
    source: checkSource({ ...document, value: source }, testCase),
    document,
    path: [],
    warnings,
  }));
}

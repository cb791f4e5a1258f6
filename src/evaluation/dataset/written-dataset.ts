import { readSource } from "../../domain/prompt/source-document.ts";
import { isLines } from "./test-table.ts";
import { readLines, readTable } from "./written-tests.ts";

/** A dataset's test cases as its file has them: the value of a YAML or JSON file, or a case for each row of a table. */
export function writtenDataset(text: string, name: string): unknown {
  if (name.toLowerCase().endsWith(".csv")) return readTable(text, name).map(({ source }) => source);
  if (isLines(name)) return readLines(text, name).map(({ source }) => source);
  return readSource(text, name).value;
}

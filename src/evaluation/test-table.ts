import { invalidInput } from "../domain/errors.ts";
import type { SourceDocument } from "../domain/source-document.ts";

/** A row of a CSV table of tests, as the test case it stands for. */
export interface TableRow {
  readonly source: unknown;
  readonly document: SourceDocument;
}

/** CSV tests with `__expected` columns. */
export function readTestTable(_text: string, name: string): TableRow[] {
  throw invalidInput(`${name}: CSV datasets are not read yet; write the cases as YAML or JSON`, {
    file: name,
  });
}

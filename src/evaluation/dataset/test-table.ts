import { parse } from "csv-parse/sync";
import { invalidInput } from "../../domain/errors.ts";
import type { SourceDocument } from "../../domain/prompt/source-document.ts";
import { testCase } from "./dataset-schema.ts";
import { mistypedType, readExpectation } from "./table-expectation.ts";
import { cut, shown, withQuotesCut } from "../../domain/text/visible.ts";
import { MAX_CASES, tooManyCases } from "./most-cases.ts";

/** A row of a CSV table of tests, as the test case it stands for. */
export interface TableRow {
  readonly source: unknown;
  readonly document: SourceDocument;
  /** What its author should know about it though it can be read. */
  readonly warnings: readonly string[];
}

const IN_QUOTES = "write the whole field in quotes, and each quote inside it twice";
const QUOTE_PROBLEMS: Readonly<Record<string, string>> = {
  INVALID_OPENING_QUOTE: `a quote stands inside a field that does not begin with one; ${IN_QUOTES}`,
  CSV_INVALID_CLOSING_QUOTE: `text stands behind the quote that closes a field; ${IN_QUOTES}`,
  CSV_QUOTE_NOT_CLOSED: `a field begins with a quote that is never closed; ${IN_QUOTES}`,
};

const EXPECTED = /^__expected\d*$/;
const OPTIONS = ["__description", "__threshold", "__metric", "__prefix", "__suffix", "__providerOutput"];
/** Says of one of the assertions with which score it passes. */
const LIMIT = /^__config:__expected(\d*):threshold$/;

function isOption(column: string): boolean {
  return OPTIONS.includes(column) || column.startsWith("__metadata:") || LIMIT.test(column);
}

/**
 * Reads a CSV table as promptfoo does: a column per variable; `__expected`, `__expected1`… are assertions,
 * `__description`, `__threshold`, `__metric`, `__prefix`, `__suffix` and `__providerOutput` are the case's own,
 * `__config:__expected1:threshold` an assertion's; `__metadata:…` is for readers.
 * A broken table is `invalid_input` at its line.
 */
export function readTestTable(text: string, name: string): TableRow[] {
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, {
      bom: true,
      info: true,
      // The header, the cases, and one to see that there are more.
      to: MAX_CASES + 2,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: false,
    }) as never;
  } catch (error) {
    const { lines: line, code } = error as { lines?: number; code?: string };
    const problem = QUOTE_PROBLEMS[code ?? ""] ?? cut(withQuotesCut((error as Error).message), 160);
    throw invalidInput(`${name}${line ? `:${line}` : ""}: not valid CSV: ${problem}`, { file: name });
  }
  const header = rows[0]?.record.map((column) => column.trim());
  if (!header)
    throw invalidInput(`${name}: the table is empty; its first line names the variables`, { file: name });
  checkSeparator(header, name);
  checkHeader(header, name);
  if (rows.length > MAX_CASES + 1) throw tooManyCases(name);
  return rows.slice(1).map(({ record, info }) => {
    const where = `${name}:${info.lines}`;
    if (record.length !== header.length)
      throw invalidInput(`${where}: the row has ${record.length} fields, the header ${header.length}`, {
        file: name,
      });
    return {
      source: toCase(header, record, where),
      document: rowDocument(name, where),
      warnings: doubts(header, record, where),
    };
  });
}

/**
 * A row of a table that is written as an object (`{"question": "…", "__expected": "…"}`), as the test case it stands
 * for: it has none of a test's own keys, and its values are texts, numbers or truths. Anything else as it is.
 */
export function readRow(value: unknown, where: string, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const isRow =
    entries.length > 0 &&
    entries.every(([key, item]) => !Object.hasOwn(testCase.entries, key) && isScalar(item));
  if (!isRow) return value;
  const header = entries.map(([key]) => key);
  checkHeader(header, name);
  return toCase(
    header,
    entries.map(([, item]) => String(item)),
    where,
  );
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** Spreadsheets of many countries separate columns by semicolons: the whole row would be one variable. */
function checkSeparator(header: readonly string[], name: string): void {
  const [only = "", ...others] = header;
  const other = others.length > 0 ? undefined : ([";", "\t", "|"] as const).find((one) => only.includes(one));
  if (other !== undefined)
    throw invalidInput(
      `${name}:1: the columns are separated by ${other === "\t" ? "tabs" : `"${other}"`}; separate them by commas (save the table as comma-separated CSV)`,
      { file: name },
    );
}

function checkHeader(header: readonly string[], name: string): void {
  header.forEach((column, index) => {
    const twice = header.indexOf(column) !== index && column !== "__expected";
    if (column === "" || twice)
      throw invalidInput(
        `${name}:1: column ${index + 1} ${twice ? `is the second ${shown(column)}` : "has no name"}`,
        {
          file: name,
        },
      );
    if (column.startsWith("__") && !EXPECTED.test(column) && !isOption(column))
      throw invalidInput(
        `${name}:1: unknown column ${shown(column)}; known: __expected, __expected1…, ${OPTIONS.join(", ")}, __metadata:NAME, __config:__expected1:threshold`,
        {
          file: name,
        },
      );
  });
}

function toCase(header: readonly string[], record: readonly string[], where: string): unknown {
  const vars: Record<string, string> = {};
  const assert: Record<string, unknown>[] = [];
  const rest: Record<string, unknown> = {};
  const options: Record<string, string> = {};
  const limits: [at: number, threshold: number][] = [];
  const metric = record[header.indexOf("__metric")];
  header.forEach((column, index) => {
    const field = record[index]!;
    if (EXPECTED.test(column)) {
      if (field.trim() !== "") assert.push({ ...readExpectation(field.trim()), ...(metric && { metric }) });
    } else if (column === "__description") {
      if (field) rest["description"] = field;
    } else if (column === "__threshold") {
      if (field.trim() !== "") rest["threshold"] = numberIn(field, column, where);
    } else if (column === "__prefix" || column === "__suffix") {
      if (field !== "") options[column.slice(2)] = field;
    } else if (column === "__providerOutput") {
      if (field !== "") rest["providerOutput"] = field;
    } else if (LIMIT.test(column)) {
      const at = Number(LIMIT.exec(column)![1] || "1") - 1;
      if (field.trim() !== "") limits.push([at, numberIn(field, column, where)]);
    } else if (!isOption(column)) vars[column] = field;
  });
  for (const [at, threshold] of limits) if (assert[at]) assert[at]["threshold"] = threshold;
  return { vars, assert, ...(Object.keys(options).length > 0 && { options }), ...rest };
}

function doubts(header: readonly string[], record: readonly string[], where: string): string[] {
  return record.flatMap((written, index) => {
    const field = written.trim();
    const meant = EXPECTED.test(header[index]!) ? mistypedType(field) : undefined;
    return meant === undefined
      ? []
      : [`${where}: ${shown(field)} is taken for the whole answer; if a type is meant, write ${meant}:`];
  });
}

function numberIn(field: string, column: string, where: string): number {
  const value = Number(field);
  if (!Number.isFinite(value))
    throw invalidInput(`${where}: ${column} ${shown(field)} is not a number`, { where });
  return value;
}

function rowDocument(name: string, where: string): SourceDocument {
  return { name, value: undefined, locate: () => where };
}

/** Whether a file has a test case on each line. */
export function isLines(name: string): boolean {
  return /\.(?:jsonl|ndjson)$/i.test(name);
}

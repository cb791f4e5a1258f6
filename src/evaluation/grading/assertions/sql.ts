import * as v from "valibot";
import { didYouMean } from "../../../domain/text/suggestion.ts";
import { shown } from "../../../domain/text/visible.ts";
import { checkSql } from "../../sandbox/check-sql.ts";
import { codeBlocks } from "../matching/code-blocks.ts";
import type { AssertionKind } from "./assertion-kind.ts";
import { type Assertion, type Grade, grade, quote } from "./assertion.ts";

/** The dialects that are read, as node-sql-parser names them; how they are written does not matter. */
const DATABASES = [
  "MySQL",
  "MariaDB",
  "PostgresQL",
  "Sqlite",
  "TransactSQL",
  "BigQuery",
  "Snowflake",
  "Redshift",
  "Athena",
  "DB2",
  "FlinkSQL",
  "Hive",
  "Noql",
  "Trino",
];

const patterns = v.optional(v.array(v.string()));
const shape = v.strictObject({
  databaseType: v.optional(v.string()),
  allowedTables: patterns,
  allowedColumns: patterns,
});

function problem({ value }: Assertion): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const read = v.safeParse(shape, value);
  if (!read.success)
    return "its value must be { databaseType, allowedTables, allowedColumns }, the last two as lists of texts";
  const { databaseType, allowedTables = [], allowedColumns = [] } = read.output;
  if (databaseType !== undefined && !DATABASES.some((one) => isSame(one, databaseType)))
    return `there is no databaseType ${shown(databaseType)}${didYouMean(databaseType, DATABASES) || `; there are ${DATABASES.join(", ")}`}`;
  const wrong = [...allowedTables, ...allowedColumns].find((one) => !/^[^:]+::[^:]+::[^:]+$/.test(one));
  return wrong === undefined
    ? undefined
    : `${shown(wrong)} must have three parts, as in select::null::orders (action::database::table) or select::orders::id (action::table::column)`;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

async function gradeSql({ value }: Assertion, sql: string): Promise<Grade> {
  const {
    databaseType = "MySQL",
    allowedTables,
    allowedColumns,
  } = (value || {}) as v.InferOutput<typeof shape>;
  const wrong = await checkSql({
    sql,
    database: databaseType,
    allowedTables,
    // A column whose table the statement does not say is read as one of no table.
    allowedColumns: allowedColumns?.flatMap((one) => [one, one.replace(/::[^:]+::/, "::null::")]),
  });
  return wrong === undefined
    ? grade(true, "the answer is SQL")
    : grade(false, `the answer ${quote(sql)}: ${wrong}`);
}

export const sqlKinds: Readonly<Record<string, AssertionKind>> = {
  "is-sql": { problem, grade: (assertion, { text }) => gradeSql(assertion, text) },
  "contains-sql": {
    problem,
    async grade(assertion, { text }) {
      const blocks = codeBlocks(text, ["", "sql"]).filter((block) => block.trim() !== "");
      let last = grade(false, "the answer contains no SQL");
      for (const block of blocks.length > 0 ? blocks : [text]) {
        last = await gradeSql(assertion, block);
        if (last.pass) return grade(true, "the answer contains SQL");
      }
      return last;
    },
  },
};

import { parentPort } from "node:worker_threads";
import { messageOf } from "../../domain/errors.ts";
import type { SqlAnswer, SqlTask } from "./sql-protocol.ts";

/** The thread that SQL is read in: a text can be made for which a grammar takes for ever. */
parentPort?.on("message", (task: SqlTask) => {
  void read(task).then((answer) => parentPort?.postMessage(answer));
});

async function read(task: SqlTask): Promise<SqlAnswer> {
  let sqlParser: typeof import("node-sql-parser");
  try {
    // Optional: it takes 90 MB. It is CommonJS, of which Node sees no names but the default one.
    ({ default: sqlParser } = (await import("node-sql-parser")) as unknown as { default: typeof sqlParser });
  } catch {
    return { kind: "unchecked", problem: "node-sql-parser is not installed (npm install node-sql-parser)" };
  }
  const problem = problemOf(new sqlParser.Parser(), task);
  return problem === undefined ? { kind: "valid" } : { kind: "invalid", problem };
}

function problemOf(
  parser: InstanceType<(typeof import("node-sql-parser"))["Parser"]>,
  { sql, database, allowedTables, allowedColumns }: SqlTask,
): string | undefined {
  let statements: unknown;
  try {
    statements = parser.astify(sql, { database });
  } catch (error) {
    return `it is no SQL of ${database}: ${placeOf(error)}`;
  }
  if ([statements].flat(2).length === 0) return "it has no statement";
  for (const [type, allowed] of [
    ["table", allowedTables],
    ["column", allowedColumns],
  ] as const) {
    if (!allowed) continue;
    try {
      parser.whiteListCheck(sql, [...allowed], { database, type });
    } catch {
      const { tableList, columnList } = parser.parse(sql, { database });
      const used = type === "table" ? tableList : columnList;
      return `not every ${type} in it is allowed: it uses ${used.join(", ")}; allowed: ${allowed.join(", ")}`;
    }
  }
  return undefined;
}

/** Where the grammar gave up; what it would have taken there is a list of hundreds. */
function placeOf(error: unknown): string {
  const { location, found } = error as Partial<{
    location: { start: Record<"line" | "column", number> };
    found: string | null;
  }>;
  if (!location) return messageOf(error).split("\n", 1)[0]!.slice(0, 120);
  const { line, column } = location.start;
  return `line ${line}, column ${column}: ${found ? `unexpected ${JSON.stringify(found)}` : "it ends too early"}`;
}

import { SluiceError } from "../../domain/errors.ts";
import { BoundedThread } from "./bounded-thread.ts";
import type { SqlAnswer, SqlTask } from "./sql-protocol.ts";

/** Time that a text may take to be read, in milliseconds; the first one loads the grammars too. */
const MOST_MS = 5000;

const thread = new BoundedThread<SqlTask, SqlAnswer>("sql-thread");

/**
 * What is wrong with a text as SQL, in a few words; undefined when nothing is. Throws `invalid_input` where that cannot
 * be said: the package that reads SQL is not installed, or the text took too long.
 */
export async function checkSql(task: SqlTask): Promise<string | undefined> {
  const answer = await thread.ask(task, MOST_MS, (problem) => ({ kind: "unchecked", problem }));
  if (answer.kind === "unchecked")
    throw new SluiceError("invalid_input", `the SQL could not be read: ${answer.problem}`);
  return answer.kind === "invalid" ? answer.problem : undefined;
}

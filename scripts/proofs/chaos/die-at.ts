/**
 * Preloaded (`node --import`) into a worker that is to die at one exact point of its work: it is told which by a message,
 * and kills itself there as SIGKILL does, with nothing flushed, closed or said.
 */
import pg from "pg";
import type { DieAt, Point } from "./points.ts";

let armed: Point | undefined;
/** Connections in a transaction that has begun a change. */
const changing = new WeakSet<object>();

/** An operation claims its id first; and one that had no id would still have its entry in the audit log. */
const CHANGE = /^insert into "sluice"\."(operations|audit)"/;

/** Other moves write the lease too, after something else. */
const RENEWAL = 'update "sluice"."pointers" set "lease_until"';

const die = () => process.kill(process.pid, "SIGKILL");

type Query = (this: object, ...given: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };
const query = prototype.query;

prototype.query = function (...given) {
  if (armed === undefined && !changing.has(this)) return query.apply(this, given);
  const text = textOf(given[0]);
  const begins = CHANGE.test(text);
  const commits = /^commit$/i.test(text);
  const hasBegun = changing.has(this);
  if (begins) changing.add(this);
  if (commits || /^rollback$/i.test(text)) changing.delete(this);
  if (armed === "before an operation" && begins && !hasBegun) return die();
  if (armed === "inside an operation" && hasBegun && !commits) return die();
  if (armed === "at an operation's commit" && commits && hasBegun) return die();
  if (armed === "as it renews a lease" && text.startsWith(RENEWAL)) return die();
  if (armed === "as it folds" && text.includes("fold_units")) return die();
  const answer = query.apply(this, given);
  if (armed === "after an operation's commit" && commits && hasBegun && answer instanceof Promise)
    return answer.then(() => new Promise(() => die()));
  return answer;
};

function textOf(statement: unknown): string {
  if (typeof statement === "string") return statement;
  return (statement as { readonly text?: string } | undefined)?.text ?? "";
}

process.on("message", (message: Partial<DieAt>) => {
  if (message.dieAt !== undefined) armed = message.dieAt;
});
// Being told must not keep a worker alive that has been told to end.
process.channel?.unref();

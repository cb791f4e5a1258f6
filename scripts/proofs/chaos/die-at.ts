/**
 * Preloaded (`node --import`) into a worker that is to die at one exact point of its work: it is told which by a message,
 * and kills itself there as SIGKILL does, with nothing flushed, closed or said.
 */
import pg from "pg";
import type { DieAt, Point } from "./points.ts";

let armed: Point | undefined;
/** Connections in a transaction that has claimed an operation. */
const claimed = new WeakSet<object>();

/** Other moves write the lease too, after something else. */
const RENEWAL = 'update "sluice"."pointers" set "lease_until"';

const die = () => process.kill(process.pid, "SIGKILL");

type Query = (this: object, ...given: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };
const query = prototype.query;

prototype.query = function (...given) {
  if (armed === undefined && !claimed.has(this)) return query.apply(this, given);
  const text = textOf(given[0]);
  const claims = text.startsWith('insert into "sluice"."operations"');
  const commits = /^commit$/i.test(text);
  const wasClaimed = claimed.has(this);
  if (claims) claimed.add(this);
  if (commits || /^rollback$/i.test(text)) claimed.delete(this);
  if (armed === "before an operation" && claims) return die();
  if (armed === "inside an operation" && wasClaimed && !commits) return die();
  if (armed === "at an operation's commit" && commits && wasClaimed) return die();
  if (armed === "as it renews a lease" && text.startsWith(RENEWAL)) return die();
  if (armed === "as it folds" && text.includes("fold_units")) return die();
  const answer = query.apply(this, given);
  if (armed === "after an operation's commit" && commits && wasClaimed && answer instanceof Promise)
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

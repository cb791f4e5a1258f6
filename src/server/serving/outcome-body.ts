import { readJson } from "../requests/json-body.ts";
import { RequestRefused } from "../requests/problem.ts";
import { batchOf, readItems, type RefusedItem } from "./outcome-items.ts";

/** A batch as the library sends it, which is passed on without being read. */
const OF_LIBRARY = /^\s*\{\s*"(?:exposures|outcomes)"\s*:/;
const PARTS = new Set(["exposures", "outcomes"]);

/** The library's batch is passed on as it is; items with tokens are made into one. What is neither is refused. */
export function batchOfBody(body: string): { batch: string; refused?: readonly RefusedItem[] } {
  if (OF_LIBRARY.test(body)) return { batch: body };
  const parsed = readJson(body);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw refusedBatch();
  if ("items" in parsed) return batchOf(readItems(parsed));
  // What is misspelt would be stored nowhere, and answered as if it were.
  if (Object.keys(parsed).some((key) => !PARTS.has(key))) throw refusedBatch();
  return { batch: body };
}

/** What Postgres says of it would repeat what is in it. */
export function refusedBatch(): RequestRefused {
  return new RequestRefused(
    "refused_batch",
    "the batch cannot be stored: it is no { exposures, outcomes } or { items }, or a value in it is not of the form that docs/reference/resolver-protocol.md gives",
  );
}

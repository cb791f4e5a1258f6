import { readJson } from "../requests/json-body.ts";
import { RequestRefused } from "../requests/problem.ts";
import { batchOf, readItems, type RefusedItem } from "./outcome-items.ts";

/** The library's batch is passed on as it is; items with tokens are made into one. */
export function batchOfBody(body: string): { batch: string; refused?: readonly RefusedItem[] } {
  return /^\s*\{\s*"items"\s*:/.test(body) ? batchOf(readItems(readJson(body))) : { batch: body };
}

/** What Postgres says of it would repeat what is in it. */
export function refusedBatch(): RequestRefused {
  return new RequestRefused(
    "refused_batch",
    "the batch cannot be stored: a value in it is not of the form that docs/reference/resolver-protocol.md gives",
  );
}

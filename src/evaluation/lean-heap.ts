import { setFlagsFromString } from "node:v8";

/** Calls from which on what they leave behind is worth being tidied up sooner. */
const MANY = 500;

/**
 * Lets the heap grow by 20 % between two full collections, for this process, where V8 would have it more than
 * double: each call leaves objects behind that only a full collection frees, so thousands of calls would hold
 * hundreds of MB of them. It costs a few milliseconds a second.
 */
export function leanHeap(calls: number): void {
  if (calls >= MANY) setFlagsFromString("--heap-growing-percent=20");
}
